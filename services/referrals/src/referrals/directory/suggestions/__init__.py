"""Suggestions of services for a coded need."""
