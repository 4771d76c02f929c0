"""The household of a person."""
