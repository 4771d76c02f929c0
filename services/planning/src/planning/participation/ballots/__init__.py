"""Ballots of the three communities: one per card, by approval, on paper, assisted or online."""
