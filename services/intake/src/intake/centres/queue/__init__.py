"""The queue of the day at a centre: numbers, in the order of arrival (docs/using/complaints.md)."""
