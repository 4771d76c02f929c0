"""The rendering of pages, and their files."""
