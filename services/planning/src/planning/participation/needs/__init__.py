"""Needs that the communities raised, with their evidence."""
