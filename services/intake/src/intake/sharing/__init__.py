"""Consents, the packages that they open, and what recipients read under them."""
