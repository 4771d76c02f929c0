from __future__ import annotations

from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import Select, or_, select

from referrals.directory.services.models import PublishedService, Service

Listed = PublishedService | Service


async def within_reach(unit: UnitOfWork, service_id: UUID) -> Listed | None:
    """A service that the acting agency may refer to: public, its own, or confided to it."""
    published = await unit.session.get(PublishedService, service_id)
    return published or await unit.session.get(Service, service_id)


async def candidates(unit: UnitOfWork, need: str) -> list[Listed]:
    """Active services that answer a need, as far as the agency may know of them; two statements."""
    public = select(PublishedService).where(
        PublishedService.status == "active",
        or_(PublishedService.category == need, PublishedService.needs.contains([need])),
    )
    confided = select(Service).where(
        Service.confidential,
        Service.status == "active",
        or_(Service.category == need, Service.needs.contains([need])),
    )
    return [*(await unit.session.scalars(public)), *(await unit.session.scalars(confided))]


def own(agency: UUID) -> Select[Service]:
    return select(Service).where(Service.agency == agency)
