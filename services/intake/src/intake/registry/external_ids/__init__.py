"""An agency's own identifiers of people and households: encrypted, and found by keyed tokens."""
