"""Assignments: who in an agency works with a person, and so needs to know their notes and needs."""
