"""Centres: where they are, when they are open, and what their desks do. Everybody may know that."""
