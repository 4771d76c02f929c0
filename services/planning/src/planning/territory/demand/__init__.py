"""Demand as intake counts it: counts of k people or more, never of individuals."""
