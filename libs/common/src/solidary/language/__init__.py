"""The shared language: code lists, country packs, events and problems. No input or output; anybody may import it."""
