"""Territorial Intervention Units (TIU): neighbourhoods as an outline and the cells within it."""
