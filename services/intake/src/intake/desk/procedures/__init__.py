"""A person's procedures on legal pathways, with the advice that comes before each."""
