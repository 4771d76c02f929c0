"""The diagnosis of a plan's unit, and the demand counted in it."""
