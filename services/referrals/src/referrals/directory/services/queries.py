"""The selections of entries: an agency's own, and those that it may refer to."""

from __future__ import annotations

from typing import TypeAlias
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import Select, select

from referrals.directory.services.models import DirectoryService, PublishedService

VisibleService: TypeAlias = PublishedService | DirectoryService


async def find_visible(unit: UnitOfWork, service_id: UUID) -> VisibleService | None:
    """Return a service that the acting agency may refer to: public, its own, or shared with it."""
    published = await unit.session.get(PublishedService, service_id)
    return published or await unit.session.get(DirectoryService, service_id)


def select_own(agency: UUID) -> Select[DirectoryService]:
    """Select the entries of an agency."""
    return select(DirectoryService).where(DirectoryService.agency == agency)
