"""Is this the person we already know? A phonetic key, an explained comparison, and all pairs of two files."""
