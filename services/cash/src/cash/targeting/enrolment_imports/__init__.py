"""The import of many enrolments from a file: the same checks as for one, and a report per row."""
