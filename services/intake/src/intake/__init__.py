"""The service intake."""
