"""Payments: one amount to one household each, from a plan to the delivery."""
