"""Guidance that was given: which route was explained to whom, so that they can be told when it changes."""
