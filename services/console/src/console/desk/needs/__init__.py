"""The needs of a person."""
