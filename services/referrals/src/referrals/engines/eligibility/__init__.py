"""Who may use a service: a rule in CEL over a coded profile, and an answer that says why."""
