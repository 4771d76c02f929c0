"""Consents: a person lets another agency read certain data, for one purpose, until they withdraw it."""
