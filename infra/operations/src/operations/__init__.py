"""The operator's commands: `solidaryctl`."""
