"""Money that a validated plan set aside: its government owns it, and others may draw on it."""
