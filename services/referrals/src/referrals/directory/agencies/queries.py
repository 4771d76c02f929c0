"""The agencies by alias, from the instance's settings, with the categories of their public services."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from pydantic import TypeAdapter
from solidary.platform.database import UnitOfWork
from solidary.platform.web import Page
from solidary.platform.web.cursors import decode_cursor, encode_cursor
from sqlalchemy import select

from referrals.directory.agencies.schemas import AgencyOut
from referrals.directory.services.models import PublishedService

POSITION = TypeAdapter(tuple[str])
ACTIVE = "active"


async def list_agencies(
    unit: UnitOfWork, names: Mapping[str, tuple[UUID, str]], after: str | None, limit: int
) -> Page[AgencyOut]:
    """Return a page of the agencies by alias, and the own one also where it is not listed. One statement.

    What an agency does here is read from public copies alone: a confidential service is not among them.
    """
    own = unit.principal
    listed = dict(names)
    if own.agency not in {agency for agency, _ in names.values()}:
        listed[own.agency_alias] = (own.agency, own.agency_alias)
    last = "" if after is None else decode_cursor(after, POSITION)[0]
    aliases = sorted(alias for alias in listed if alias > last)
    shown = {alias: listed[alias] for alias in aliases[:limit]}
    categories = await _public_categories(unit, {agency for agency, _ in shown.values()})
    items = [
        AgencyOut(
            agency_id=agency, alias=alias, name=name, country=unit.country, categories=categories[agency]
        )
        for alias, (agency, name) in shown.items()
    ]
    return Page(items=items, next=encode_cursor(aliases[limit - 1]) if len(aliases) > limit else None)


async def _public_categories(unit: UnitOfWork, agencies: Collection[UUID]) -> defaultdict[UUID, list[str]]:
    columns = (PublishedService.agency, PublishedService.category)
    offered = (
        select(*columns)
        .where(PublishedService.agency.in_(agencies), PublishedService.status == ACTIVE)
        .distinct()
        .order_by(*columns)
    )
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for agency, category in await unit.session.execute(offered):
        found[agency].append(category)
    return found
