"""Encryption of personal data with one key per person, which the instance's key wraps."""
