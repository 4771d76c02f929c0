from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from referrals.directory.services.models import PublishedService


@dataclass(frozen=True)
class Filters:
    """Cumulative: a service must meet all that are given."""

    search: str | None = None
    organization_id: UUID | None = None
    modified_after: datetime | None = None

    def on(self, query: Select[PublishedService]) -> Select[PublishedService]:
        service = PublishedService
        if self.search:
            query = query.where(
                or_(
                    service.name.icontains(self.search, autoescape=True),
                    service.description.icontains(self.search, autoescape=True),
                )
            )
        if self.organization_id:
            query = query.where(service.agency == self.organization_id)
        if self.modified_after:
            query = query.where(service.modified > self.modified_after)
        return query


async def page(
    session: AsyncSession, filters: Filters, number: int, size: int
) -> tuple[int, list[PublishedService]]:
    """How many there are, and those of one page (from 1), by name."""
    wanted = filters.on(select(PublishedService))
    total = await session.scalar(select(func.count()).select_from(wanted.subquery()))
    ordered = wanted.order_by(PublishedService.name, PublishedService.id)
    found = await session.scalars(ordered.offset((number - 1) * size).limit(size))
    return total or 0, list(found.all())
