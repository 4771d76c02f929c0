"""Webhooks: an agency's events, sent to its own software and signed."""
