"""Whom to visit to verify payments: how many, and a sample anybody can draw again."""
