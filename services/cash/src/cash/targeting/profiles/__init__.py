"""Coded profiles of households: the values that an entitlement rule may use, without names."""
