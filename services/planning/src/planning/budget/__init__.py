"""The allocation of a plan's budget, and the government's act on it."""
