"""A person's way through a route, and the guard that speaks before a deadline or a conflict does harm."""
