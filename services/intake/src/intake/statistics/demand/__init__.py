"""Demand: what people came for in a month, as counts that give nobody away."""
