"""The register of people and households: encryption, access log, timeline, search."""
