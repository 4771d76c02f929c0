"""The complaints of an agency: those for its handlers, and those for the restricted circle."""
