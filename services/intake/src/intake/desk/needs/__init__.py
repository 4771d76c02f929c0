"""Needs: the ordinary ones of the desk, and apart from them those that a specialist keeps."""
