"""The ranking of sectors and of barriers, and the sensitivity of the ranking to its weights."""
