"""The comparison of registrations that may be of one person."""
