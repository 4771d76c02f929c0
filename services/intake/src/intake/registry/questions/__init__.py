"""Questions to the other agencies: whether any of them may know one person, asked with a reason and counted."""
