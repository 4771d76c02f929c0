"""Registration: a household and its people, written down once, however often the desk sends it."""
