"""The sealing of the access log."""

from __future__ import annotations

from solidary.platform.database import UnitOfWork
from solidary.platform.database.locks import lock_by_name

from intake.registry.access_log import statements


async def seal_entries(unit: UnitOfWork) -> None:
    """Seal the entries that were added to the acting agency's log since its last seal."""
    agency = unit.principal.agency
    await lock_by_name(unit, f"access seal {agency}")
    await unit.session.execute(statements.INSERT_SEAL, {"agency": agency})
