"""An agency's own identifiers of people and households. They are personal data: encrypted, and found by keyed tokens."""
