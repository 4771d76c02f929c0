"""Visits to a centre: the day, the reason, and a note that only the person's own agency opens."""
