"""Statistics that are published: people appear only as counts."""
