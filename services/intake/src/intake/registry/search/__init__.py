"""The search for a person before anybody is registered."""
