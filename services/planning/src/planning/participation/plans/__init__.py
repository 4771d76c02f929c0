"""A city's inclusion plan for one unit of intervention: its way, its diagnosis, its needs."""
