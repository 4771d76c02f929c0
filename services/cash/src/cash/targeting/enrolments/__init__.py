"""Households in a programme: referred for cash, enrolled under a consent, known by a coded profile."""
