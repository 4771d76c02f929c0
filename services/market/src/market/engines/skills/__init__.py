"""Occupations (ISCO-08, ESCO) and skills: find them by words, code answers, match people to openings."""
