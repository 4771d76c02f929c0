"""Guidance: the pathways that were explained to people, so that they can be informed when one changes."""
