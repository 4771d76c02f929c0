"""The service referrals."""
