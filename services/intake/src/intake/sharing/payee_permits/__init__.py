"""Payee permits: a releaser's permission to cash to read the payees of one payment order while nobody waits."""
