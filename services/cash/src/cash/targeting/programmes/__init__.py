"""A programme: for which purpose, by which rule, from which budget line, through which provider."""
