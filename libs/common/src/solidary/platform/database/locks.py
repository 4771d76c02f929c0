"""Advisory locks: work on a thing that is not, or not yet, a row which the transaction may lock."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from solidary.platform.database.unit_of_work import UnitOfWork

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))"
_LOCKS = """
    SELECT pg_advisory_xact_lock(key) FROM (
        SELECT DISTINCT hashtextextended(name, 0) AS key
        FROM unnest(CAST(%(names)s AS text[])) AS named (name) ORDER BY key OFFSET 0
    ) AS ordered
"""


async def lock_by_name(unit: UnitOfWork, name: str) -> None:
    """Wait until no other transaction holds the lock of this name, and hold it until the unit ends."""
    await unit.execute(_LOCK, {"name": name})


async def lock_parts(unit: UnitOfWork, about: UUID) -> None:
    """Let nobody else replace the acting agency's rows about something until the unit ends."""
    await lock_by_name(unit, f"parts of {about} for {unit.principal.agency}")


async def lock_by_names(unit: UnitOfWork, names: Collection[str]) -> None:
    """Take the locks of names as `lock_by_name` does, all in the order of their keys. One statement."""
    if names:
        await unit.execute(_LOCKS, {"names": list(names)})
