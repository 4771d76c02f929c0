"""Consents: what a person lets another agency know, for one purpose, until they say otherwise."""
