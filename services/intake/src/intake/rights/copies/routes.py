"""The routes of a person's own copy."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import CurrentCountry, agency

from intake.registry.encryption.dependencies import CurrentInstanceKey
from intake.rights.copies import page, queries
from intake.rights.copies.schemas import PersonCopy

router = APIRouter(tags=["copies"])
Handover = Annotated[UnitOfWork, agency(Duty.DATA_PROTECTION_OFFICER, Duty.CASE_WORKER, needs_code=True)]


@router.get("/people/{person_id}/copy")
async def read_copy(unit: Handover, instance_key: CurrentInstanceKey, person_id: UUID) -> PersonCopy:
    """Read what is recorded about a person, to hand it to them. The access is logged."""
    return await queries.read_copy(unit, instance_key, person_id)


@router.get("/people/{person_id}/copy/page", response_class=HTMLResponse)
async def read_copy_page(
    unit: Handover, instance_key: CurrentInstanceKey, country: CurrentCountry, person_id: UUID
) -> HTMLResponse:
    """Read the copy as a page to read or print, in the person's language. The access is logged."""
    copy = await queries.read_copy(unit, instance_key, person_id)
    return HTMLResponse(page.render(copy, country), headers=page.HEADERS)
