"""Engines without a database: record matching and triage."""
