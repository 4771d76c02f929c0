"""The selections of entries: an agency's own, and those that it may refer to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias
from uuid import UUID

from solidary.platform.database import UnitOfWork
from solidary.platform.external_ids import with_external_ids
from sqlalchemy import Select, select

from referrals.directory.services.models import DirectoryService, PublishedService
from referrals.directory.services.schemas import DirectoryServiceOut

VisibleService: TypeAlias = PublishedService | DirectoryService


async def find_visible(unit: UnitOfWork, service_id: UUID) -> VisibleService | None:
    """Return a service that the acting agency may refer to: public, its own, or shared with it."""
    published = await unit.session.get(PublishedService, service_id)
    return published or await unit.session.get(DirectoryService, service_id)


async def show(unit: UnitOfWork, service: DirectoryService) -> DirectoryServiceOut:
    """Return an entry with the acting agency's identifiers of it."""
    return (await show_all(unit, [DirectoryServiceOut.model_validate(service)]))[0]


async def show_all(unit: UnitOfWork, entries: Sequence[DirectoryServiceOut]) -> list[DirectoryServiceOut]:
    """Return entries with the acting agency's identifiers of them."""
    return await with_external_ids(unit, "service", {each.service_id: each for each in entries})


def select_own(agency: UUID) -> Select[DirectoryService]:
    """Select the entries of an agency."""
    return select(DirectoryService).where(DirectoryService.agency == agency)
