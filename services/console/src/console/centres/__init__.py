"""The pages with which an agency sets up its centres."""
