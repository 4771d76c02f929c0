"""Entries of the directory of local services."""
