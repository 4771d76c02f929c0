"""Budget lines and the double-entry ledger."""
