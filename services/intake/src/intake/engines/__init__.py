"""Engines without a database: record linkage, triage, and the deadline guard of legal pathways."""
