"""Budget lines: the money of a validated plan. Its government owns it, and other agencies may draw on it."""
