"""Registrations: a household and its people, recorded once however often the desk sends them."""
