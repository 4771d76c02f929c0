"""Packages: exactly what a consent lets a recipient read."""
