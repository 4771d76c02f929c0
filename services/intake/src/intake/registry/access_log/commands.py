"""The sealing of the access log, and the verification of its seals."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from solidary.language.events.intake import AccessLogSealed
from solidary.platform.database import UnitOfWork
from solidary.platform.database.locks import lock_by_name

from intake.registry.access_log import statements
from intake.registry.access_log.models import AccessVerification, newest_verification

SEALS_AT_ONCE = 200
"""The seals that one statement verifies."""


async def seal_entries(unit: UnitOfWork) -> None:
    """Seal the entries that were added to the acting agency's log since its last seal, and publish the seal."""
    agency = unit.principal.agency
    await lock_by_name(unit, f"access seal {agency}")
    seal = (await unit.session.execute(statements.SEAL_ENTRIES)).first()
    if seal is not None:
        unit.publish(AccessLogSealed(agency_id=agency, number=seal.number, digest=seal.digest.hex()))


async def verify_chain(
    unit: UnitOfWork, report: Callable[[int, int], Awaitable[None]], *, whole: bool
) -> None:
    """Verify the agency's seals since its last verification, or all whose entries are there, and record what was found.

    After a broken seal the next verification begins anew. `report` gets the number of verified seals, and that of all.
    """
    agency = unit.principal.agency
    last = await newest_verification(unit)
    start = int(await unit.session.scalar(statements.LAST_CUT, {"agency": agency}) or 0)
    if not whole and last is not None and last.broken_seal is None:
        start = max(start, last.verified_seal)
    newest = int(await unit.session.scalar(statements.NEWEST_SEAL, {"agency": agency}) or 0)
    verified, broken = start, newest + 1 if newest < start else None
    while verified < newest and broken is None:
        until = min(verified + SEALS_AT_ONCE, newest)
        stretch = {"agency": agency, "after": verified, "until": until}
        broken = await unit.session.scalar(statements.FIRST_BROKEN_SEAL, stretch)
        verified = until if broken is None else broken - 1
        await report(verified, newest)
    if broken is None:
        after = {"agency": agency, "after": start}
        broken = await unit.session.scalar(statements.FIRST_MISSING_SEAL, after)
    unit.add(AccessVerification(root=agency, verified_seal=verified, broken_seal=broken))
