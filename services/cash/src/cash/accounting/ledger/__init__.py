"""A double-entry ledger in which money is reserved, then posted or given back."""
