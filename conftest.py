"""What every test of the workspace may use: the fixtures on the real servers."""

pytest_plugins = ["solidary.testing.servers"]
