"""A person's timeline, for those who serve them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, page_of
from sqlalchemy import select

from intake.registry.people.models import Person
from intake.registry.timeline.models import TimelineEntry
from intake.registry.timeline.schemas import TimelineItem

router = APIRouter(tags=["timeline"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)]


@router.get("/people/{person_id}/timeline")
async def timeline(unit: Desk, person_id: UUID, cursor: Annotated[Cursor, Depends()]) -> Page[TimelineItem]:
    """The newest first. Nothing of the restricted tier ever stands here."""
    await unit.get(Person, person_id)
    lines = select(TimelineEntry).where(
        TimelineEntry.agency == unit.principal.agency, TimelineEntry.root == person_id
    )
    return await page_of(unit.session, lines, cursor, TimelineItem.model_validate, by=TimelineEntry)
