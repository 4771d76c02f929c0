"""The government's act on a plan: its validation with budget lines, or its return."""
