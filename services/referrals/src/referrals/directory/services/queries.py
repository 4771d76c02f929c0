"""The selections of entries: an agency's own, and those that it may refer to."""

from __future__ import annotations

from typing import TypeAlias
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import Select, or_, select

from referrals.directory.services.models import DirectoryService, PublishedService

VisibleService: TypeAlias = PublishedService | DirectoryService


async def find_visible(unit: UnitOfWork, service_id: UUID) -> VisibleService | None:
    """Return a service that the acting agency may refer to: public, its own, or shared with it."""
    published = await unit.session.get(PublishedService, service_id)
    return published or await unit.session.get(DirectoryService, service_id)


async def find_meeting(unit: UnitOfWork, need: str) -> list[VisibleService]:
    """Return the active services that meet a need and that the acting agency may refer to, in two statements."""
    public = select(PublishedService).where(
        PublishedService.status == "active",
        or_(PublishedService.category == need, PublishedService.needs.contains([need])),
    )
    confidential = select(DirectoryService).where(
        DirectoryService.confidential,
        DirectoryService.status == "active",
        or_(DirectoryService.category == need, DirectoryService.needs.contains([need])),
    )
    return [*(await unit.session.scalars(public)), *(await unit.session.scalars(confidential))]


def select_own(agency: UUID) -> Select[DirectoryService]:
    """Select the entries of an agency."""
    return select(DirectoryService).where(DirectoryService.agency == agency)
