"""Referrals of persons to services of other agencies, and the consents under which they are made."""
