"""The entries that agencies keep in the directory."""
