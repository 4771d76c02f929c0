"""The import of many entries of the directory from a file: the same checks as for one, and a report per row."""
