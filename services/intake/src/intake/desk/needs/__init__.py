"""Needs: the ordinary ones of the desk, and the restricted ones that only protection officers read."""
