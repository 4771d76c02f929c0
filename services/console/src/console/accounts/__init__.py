"""People who are logged in: their sessions, their logins, and their calls to services."""
