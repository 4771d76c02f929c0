"""The shared language and machinery of Solidary, in three wings: language, files, platform."""
