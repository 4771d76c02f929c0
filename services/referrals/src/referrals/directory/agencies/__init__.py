"""The agencies that take part in the instance, and what each of them offers in public."""
