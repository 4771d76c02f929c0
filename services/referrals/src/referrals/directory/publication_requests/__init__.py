"""The publication of a confidential entry: one person requests it, and another one confirms it."""
