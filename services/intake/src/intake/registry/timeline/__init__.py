"""The timeline of a person: kinds of events, times and references, without text."""
