"""What a household is entitled to, and why: flat, by table, by formula, or the gap to a basket."""
