"""The access log: who read what about whom, and when. Entries are added and never changed."""
