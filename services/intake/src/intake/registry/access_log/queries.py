"""The access log and the state of its chain of seals."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import UnitOfWork
from solidary.platform.web import Cursor, Page, page_of
from sqlalchemy import select

from intake.registry.access_log import statements
from intake.registry.access_log.models import AccessEntry, AccessSeal, newest_verification
from intake.registry.access_log.schemas import AccessOut, ChainOut, PublishedSeal, SealComparison


async def list_entries(unit: UnitOfWork, cursor: Cursor, about: UUID | None) -> Page[AccessOut]:
    """Return a page of the agency's log, the newest entry first; `about` limits it to one person or search."""
    entries = select(AccessEntry).where(AccessEntry.agency == unit.principal.agency)
    if about is not None:
        entries = entries.where(AccessEntry.root == about)
    return await page_of(unit.session, entries, cursor, AccessOut.model_validate, by=AccessEntry)


async def check_chain(unit: UnitOfWork, published: PublishedSeal | None) -> ChainOut:
    """Return what the newest verification of the agency's log found, and compare the log with a published seal."""
    agency = {"agency": unit.principal.agency}
    seals, entries = (await unit.session.execute(statements.SEAL_COUNTS, agency)).one()
    verified = await newest_verification(unit)
    return ChainOut(
        seals=seals,
        deleted_to_seal=int(await unit.session.scalar(statements.LAST_CUT, agency) or 0),
        entries=int(entries),
        verified_seal=verified.verified_seal if verified else 0,
        verified_at=verified.created if verified else None,
        broken_seal=verified.broken_seal if verified else None,
        published_seal=await _compare(unit, published) if published else None,
    )


async def _compare(unit: UnitOfWork, published: PublishedSeal) -> SealComparison:
    seal = select(AccessSeal.digest).where(
        AccessSeal.agency == unit.principal.agency, AccessSeal.number == published.number
    )
    digest = await unit.session.scalar(seal)
    if digest is None:
        return SealComparison.MISSING
    return SealComparison.SAME if digest == published.digest else SealComparison.DIFFERENT
