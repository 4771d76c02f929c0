"""The search index: keyed tokens by which people are found without their names."""
