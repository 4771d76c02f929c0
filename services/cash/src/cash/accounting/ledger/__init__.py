"""The double-entry ledger of each budget line: accounts, transfers and the movements that are allowed."""
