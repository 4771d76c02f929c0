"""A payment: one amount to one household, from its plan to its delivery."""
