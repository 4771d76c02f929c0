"""Disclosures: the packages, coded profiles and payees that a recipient reads under a consent."""
