"""Complaints from their filing to their end, and what the person learns by their code (docs/using/complaints.md)."""
