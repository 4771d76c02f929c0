"""The state machines that a migrated database has recorded."""

from __future__ import annotations

import psycopg


def recorded_transitions(admin: str, machine: str) -> frozenset[tuple[str | None, str]]:
    """Return the pairs of `machinery.transition`, to compare with `TransitionTable.pairs`. `admin`: a URL."""
    with psycopg.connect(admin) as connection:
        rows = connection.execute(
            "SELECT source, target FROM machinery.transition WHERE machine = %s", [machine]
        ).fetchall()
    return frozenset((source, target) for source, target in rows)
