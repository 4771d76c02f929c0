"""Ballots of the three communities: one for each card, by approval, on paper, assisted or online."""
