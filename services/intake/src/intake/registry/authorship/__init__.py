"""Authorship: who wrote what decides on a payment. The database records it, so that no code can forget."""
