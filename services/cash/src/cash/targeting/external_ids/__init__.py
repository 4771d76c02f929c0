"""The agencies' own identifiers of programmes."""
