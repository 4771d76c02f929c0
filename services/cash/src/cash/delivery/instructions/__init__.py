"""Orders to payment providers: files that are handed over, not kept."""
