"""Referrals of identified cases until the loop is closed, and the consents they stand on."""
