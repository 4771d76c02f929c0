"""What providers answer, and what it changes: payments, the ledger, who is told."""
