"""The story of `make demo`, and what must hold of it afterwards."""
