"""The front desk: search, registration, the person, needs, guidance, referrals, consents."""
