"""Occupations and skills: coding of free answers to ISCO-08 and ESCO, and matching of people with openings."""
