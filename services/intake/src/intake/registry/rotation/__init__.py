"""The rotation of the instance's secrets, while desks work."""
