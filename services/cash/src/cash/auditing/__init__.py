"""The audit of the ledger and of payment plans, for an auditor who may read the whole database and change nothing."""
