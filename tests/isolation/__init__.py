"""No agency reaches what another one holds: every operation of every API, every table."""
