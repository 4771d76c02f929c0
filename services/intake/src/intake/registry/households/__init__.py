"""Households: who lives together, where, and with what means."""
