"""The shared language: code lists, country packs, events, problems and state machines, without input or output."""
