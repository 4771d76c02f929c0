"""Consents, and the packages that other agencies read under them."""
