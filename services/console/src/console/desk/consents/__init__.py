"""The consents of a person."""
