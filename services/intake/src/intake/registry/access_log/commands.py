"""The sealing of the access log."""

from __future__ import annotations

from solidary.language.events.intake import AccessLogSealed
from solidary.platform.database import UnitOfWork
from solidary.platform.database.locks import lock_by_name

from intake.registry.access_log import statements


async def seal_entries(unit: UnitOfWork) -> None:
    """Seal the entries that were added to the acting agency's log since its last seal, and publish the seal."""
    agency = unit.principal.agency
    await lock_by_name(unit, f"access seal {agency}")
    seal = (await unit.session.execute(statements.SEAL_ENTRIES)).first()
    if seal is not None:
        unit.publish(AccessLogSealed(agency_id=agency, number=seal.number, digest=seal.digest.hex()))
