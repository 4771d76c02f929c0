"""Measures of a local economy: location quotient, shift-share, and growth estimated from a sample."""
