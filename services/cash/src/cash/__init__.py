"""The service cash."""
