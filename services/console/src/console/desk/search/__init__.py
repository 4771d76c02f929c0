"""The search for a person, before any registration."""
