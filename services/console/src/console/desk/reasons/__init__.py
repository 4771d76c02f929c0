"""Reasons for opening a person with whom one does not work."""
