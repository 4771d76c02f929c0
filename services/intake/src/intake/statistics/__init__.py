"""Published counts of demand by territory."""
