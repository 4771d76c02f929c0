"""Record linkage for people: a phonetic key for Spanish, an explained comparison, and all pairs of two files."""
