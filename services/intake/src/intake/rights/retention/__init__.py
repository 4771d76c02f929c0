"""Retention: each kind of record is erased after its period, which is announced before and reported after."""
