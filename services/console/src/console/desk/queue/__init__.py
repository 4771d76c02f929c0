"""The queue of the day at a centre."""
