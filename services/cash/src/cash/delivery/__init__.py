"""Payment plans and their payments, the orders to payment providers and the providers' status reports."""
