"""The contracts as files, compared with the code."""
