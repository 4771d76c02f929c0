"""The day of an officer."""
