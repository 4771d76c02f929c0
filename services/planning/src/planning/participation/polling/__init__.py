"""Polling: stations, the cards that they hand out, the log of who issued and cast, and the reconciliation of both."""
