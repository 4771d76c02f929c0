"""Which sectors and which barriers come first, and whether that order would stand other weights."""
