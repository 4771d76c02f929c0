"""The code lists of the instance, with the wording that people read. They are public, and the same for everybody."""
