"""Demand: the needs for which people came in a month, as counts that identify nobody."""
