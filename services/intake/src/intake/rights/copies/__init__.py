"""A person's own copy of what is recorded about them, as JSON and as a page to read or print."""
