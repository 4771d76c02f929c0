"""The access log, for those who watch over it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, page_of
from sqlalchemy import select

from intake.registry.access_log import chain
from intake.registry.access_log.models import AccessEntry
from intake.registry.access_log.schemas import AccessOut, ChainOut

router = APIRouter(tags=["access"])
Watcher = Annotated[UnitOfWork, agency(Duty.AUDITOR, Duty.DATA_PROTECTION_OFFICER)]


@router.get("/access-log")
async def entries(
    unit: Watcher, cursor: Annotated[Cursor, Depends()], about: UUID | None = None
) -> Page[AccessOut]:
    """Who read what, the newest first; `about` one person, household or search."""
    ours = select(AccessEntry).where(AccessEntry.agency == unit.principal.agency)
    if about is not None:
        ours = ours.where(AccessEntry.root == about)
    return await page_of(unit.session, ours, cursor, AccessOut.model_validate, by=AccessEntry)


@router.get("/access-log/chain")
async def whole(unit: Watcher) -> ChainOut:
    """Whether every seal of the log holds."""
    seals, sealed = await chain.sealed(unit)
    return ChainOut(seals=seals, entries=sealed, broken_seal=await chain.broken(unit))
