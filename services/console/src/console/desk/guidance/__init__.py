"""Guidance on legal pathways."""
