"""Referrals from a need to a service."""
