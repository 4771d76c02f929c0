"""Human Services Data Specification 3.1 (Open Referral) as types, a module per concept.

A model accepts what the standard's JSON Schema accepts and refuses what it refuses; where we differ on
purpose, see docs/using/directory.md. Fields that the standard does not know are kept: a publisher's
profile may add its own, and they travel on unchanged.
"""
