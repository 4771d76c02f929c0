"""The lock of a page at a shared computer."""
