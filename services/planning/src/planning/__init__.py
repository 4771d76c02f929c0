"""The service planning."""
