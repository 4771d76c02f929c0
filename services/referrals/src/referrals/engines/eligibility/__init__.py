"""The engine of eligibility: a rule in CEL, applied to a coded profile, with the reasons for its result."""
