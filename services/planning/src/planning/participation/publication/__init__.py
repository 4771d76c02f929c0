"""The public version of a plan, which anybody can read."""
