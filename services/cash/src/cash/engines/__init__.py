"""Engines without a database: entitlement, bank messages, scores and sampling."""
