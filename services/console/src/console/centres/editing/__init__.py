"""The centres of an agency, as a directory editor sets them up."""
