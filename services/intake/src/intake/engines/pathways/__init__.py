"""The deadline guard: the deadline, conflicts and warnings of each legal pathway for one person."""
