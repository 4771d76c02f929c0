"""Who read what of whom, and when: entries are added and never changed."""
