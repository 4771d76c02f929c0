"""The rights of people over their data: a copy, erasure, and an end of its retention."""
