"""Centres as their agency reads them, and as everybody does."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from solidary.language.country import CountryPack
from solidary.language.problems import Fault, Invalid, NotFound
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.web import Cursor, Page, page_of, where_given
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from intake.centres.places.models import Centre, PublishedCentre
from intake.centres.places.rules import is_open_at
from intake.centres.places.schemas import CentreOut, PublicCentreOut

MOST_LISTED = 500


async def list_centres(
    unit: UnitOfWork, country: CountryPack, is_open: bool | None, cursor: Cursor
) -> Page[CentreOut]:
    """Return a page of the agency's centres, the newest first."""
    own = select(Centre).where(Centre.agency == unit.principal.agency)
    query = where_given(own, {Centre.is_open: is_open})
    local = unit.now.astimezone(country.zone())
    return await page_of(unit.session, query, cursor, lambda each: centre_out(each, local), by=Centre)


async def list_public_centres(
    session: AsyncSession, area: str | None, local: datetime
) -> list[PublicCentreOut]:
    """Return the centres of the instance by area and name; `area` is that of the centre, or one that encloses it."""
    query = select(PublishedCentre).order_by(PublishedCentre.area, PublishedCentre.name, PublishedCentre.id)
    if area is not None:
        query = query.where(PublishedCentre.area.startswith(area, autoescape=True))
    found = await session.scalars(query.limit(MOST_LISTED))
    return [PublicCentreOut(**_facts(each, local)) for each in found]


async def read_public_centre(session: AsyncSession, centre_id: UUID, local: datetime) -> PublicCentreOut:
    """Return a centre. Raises NotFound."""
    centre = await session.get(PublishedCentre, centre_id)
    if centre is None:
        raise NotFound(f"There is no centre {centre_id}.")
    return PublicCentreOut(**_facts(centre, local))


async def agency_of_centre(database: Database, centre_id: UUID) -> UUID:
    """Return the agency that runs a centre. Raises Invalid with the place of the field `centre_id`."""
    async with database.session_without_scope() as session:
        centre = await session.get(PublishedCentre, centre_id)
    if centre is None:
        raise Invalid("There is no such centre.", Fault("/centre_id", "Choose one of the listed centres."))
    return centre.agency


def centre_out(centre: Centre, local: datetime) -> CentreOut:
    """Return the schema of the own agency's centre."""
    return CentreOut(code=centre.code, **_facts(centre, local))


def _facts(centre: Centre | PublishedCentre, local: datetime) -> dict[str, Any]:
    details = centre.details
    openings = [each.to_opening() for each in details.hours]
    return {
        "centre_id": centre.id,
        "kind": centre.kind,
        "name": centre.name,
        "area": centre.area,
        "is_open": centre.is_open,
        "open_now": centre.is_open and is_open_at(openings, local),
        **details.model_dump(exclude={"version"}),
    }
