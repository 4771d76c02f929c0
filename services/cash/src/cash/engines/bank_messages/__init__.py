"""ISO 20022: payment orders to a bank (pain.001) and what it answers (pain.002, camt.053, camt.054)."""
