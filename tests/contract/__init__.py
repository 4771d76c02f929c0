"""The contracts as files: what was promised, beside what the code says now."""
