"""Instructions: the payment orders that were handed over to providers. Their files are kept for hours."""
