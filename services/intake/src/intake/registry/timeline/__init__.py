"""What has happened to a person, in one list: kinds, times and references, no words."""
