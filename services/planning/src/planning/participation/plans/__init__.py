"""A city's inclusion plan for one Territorial Intervention Unit: its states, and the agencies that work on it."""
