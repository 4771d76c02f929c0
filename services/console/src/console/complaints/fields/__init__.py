"""The entries of a complaint, which the desk and the public page share."""
