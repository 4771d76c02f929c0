"""No agency reaches what another one holds: every route, every table."""
