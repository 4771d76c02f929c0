"""The agencies' own identifiers of services and referrals."""
