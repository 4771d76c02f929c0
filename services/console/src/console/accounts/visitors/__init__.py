"""The visitor of a page, and the calls that they make."""
