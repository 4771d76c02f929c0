"""Ballots of the three communities: cast with cards into a sealed box, and counted when all stations are reconciled."""
