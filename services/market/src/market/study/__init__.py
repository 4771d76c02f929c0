"""Market assessments, led by an agency together with a municipality, and their findings."""
