"""The registration of a household, kept as a draft."""
