"""The addresses to which a webhook may be sent: public ones, and those that the operator allows."""
