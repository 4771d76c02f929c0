"""The selection of public services, with the filters and pages of HSDS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from referrals.directory.publication.hsds import to_published_day
from referrals.directory.services.models import PublishedService


@dataclass(frozen=True)
class ServiceFilters:
    """The filters of a list; a service must match all that are given.

    `modified_after` counts in days, as the published times do: it selects what was changed on its day or later.
    """

    search: str | None = None
    organization_id: UUID | None = None
    modified_after: datetime | None = None

    def apply(self, query: Select[PublishedService]) -> Select[PublishedService]:
        """Return the query with the filters."""
        service = PublishedService
        if self.search:
            query = query.where(
                literal_column("service.words").op("@@")(func.published.search_query(self.search))
            )
        if self.organization_id:
            query = query.where(service.agency == self.organization_id)
        if self.modified_after:
            query = query.where(service.modified >= to_published_day(self.modified_after))
        return query


async def read_page(
    session: AsyncSession, filters: ServiceFilters, number: int, size: int
) -> tuple[int, list[PublishedService]]:
    """Return the number of matching services, and those of one page (from 1) by name."""
    matching = filters.apply(select(PublishedService))
    total = await session.scalar(select(func.count()).select_from(matching.subquery()))
    ordered = matching.order_by(PublishedService.name, PublishedService.id)
    services = await session.scalars(ordered.offset((number - 1) * size).limit(size))
    return total or 0, list(services.all())
