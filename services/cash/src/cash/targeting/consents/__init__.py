"""Consents for cash, as intake published them: the agency that may fetch a household's profile and payee."""
