"""The frame of public pages: their language, their cache, and calls without a token."""
