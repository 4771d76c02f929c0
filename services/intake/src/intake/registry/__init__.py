"""People and households: registration, search, timeline, encryption and the access log."""
