"""Advisory locks: work on a thing that is not, or not yet, a row which the transaction may lock."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database.unit_of_work import UnitOfWork

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))"


async def lock_by_name(unit: UnitOfWork, name: str) -> None:
    """Wait until no other transaction holds the lock of this name, and hold it until the unit ends."""
    await unit.execute(_LOCK, {"name": name})


async def lock_parts(unit: UnitOfWork, about: UUID) -> None:
    """Let nobody else replace the acting agency's rows about something until the unit ends."""
    await lock_by_name(unit, f"parts of {about} for {unit.principal.agency}")
