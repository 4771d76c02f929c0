"""Corrections of what is recorded about a person."""
