"""Suggestions of services that fit a coded need."""
