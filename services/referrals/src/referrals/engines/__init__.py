"""Engines without a database: HSDS files, eligibility, opening hours and suggestion."""
