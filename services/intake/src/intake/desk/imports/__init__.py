"""The import of many households from a file: the same checks as for one, and a report per row."""
