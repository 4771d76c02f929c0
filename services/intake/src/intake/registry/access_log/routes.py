"""The access log, for auditors and data protection officers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency

from intake.registry.access_log import queries
from intake.registry.access_log.schemas import AccessOut, ChainOut

router = APIRouter(tags=["access-log"])
Auditor = Annotated[UnitOfWork, agency(Duty.AUDITOR, Duty.DATA_PROTECTION_OFFICER)]


@router.get("/access-log")
async def list_access_entries(
    unit: Auditor, cursor: Annotated[Cursor, Depends()], about: UUID | None = None
) -> Page[AccessOut]:
    """List who read what, the newest first; `about` limits the list to one person, household or search."""
    return await queries.list_entries(unit, cursor, about)


@router.get("/access-log/chain")
async def check_access_log_chain(unit: Auditor) -> ChainOut:
    """Verify the chain of seals over the access log."""
    return await queries.check_chain(unit)
