"""The lines that market assessments propose for territorial plans."""
