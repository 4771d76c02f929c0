"""The inbox of received referrals."""
