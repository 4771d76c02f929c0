"""Sessions on the server, which only their own cookie opens."""
