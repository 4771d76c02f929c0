"""Visits to a centre: the day, the reason, and an encrypted note."""
