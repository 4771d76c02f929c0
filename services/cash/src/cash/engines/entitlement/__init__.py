"""Entitlement rules: a household's amount (flat, by table, by formula, or the gap to a basket) and its calculation."""
