"""Triage: suggestions of needs, pathways and urgency from a few plain questions; never a restricted code."""
