"""The consents of referrals: intake confirms whether one is in force, and events state only that one has ended."""
