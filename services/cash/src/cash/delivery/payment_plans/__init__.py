"""A payment plan: who is paid what in a cycle, and who stood up for it."""
