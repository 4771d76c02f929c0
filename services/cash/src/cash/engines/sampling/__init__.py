"""Samples of payments to verify: their size, and a draw that anybody can repeat."""
