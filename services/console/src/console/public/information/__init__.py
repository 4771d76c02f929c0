"""Public information: pathways by situation, centres with their hours, and what happens to personal data."""
