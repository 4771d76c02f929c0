"""The side of a provider: the referrals that its agency receives."""
