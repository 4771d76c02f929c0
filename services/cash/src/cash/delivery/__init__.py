"""Payment plans, payments, instructions to a payment provider and its status reports."""
