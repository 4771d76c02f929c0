"""The consents that intake published. What they allow to read stays in intake."""
