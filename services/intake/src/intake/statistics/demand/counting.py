"""Groups of alike people, counted by the database. Restricted needs are in another table and never read here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from solidary.platform.database import UnitOfWork
from sqlalchemy import select, text

from intake.registry.people.rules import band
from intake.statistics.demand.models import DemandReport
from intake.statistics.demand.rules import UNKNOWN, Alike

PLACE = """
    coalesce((SELECT t.id::text FROM published.tiu t WHERE h.cell = ANY(t.cells) ORDER BY t.id LIMIT 1), h.area)
"""
"""Everybody is counted in one place: the unit of territory that their cell lies in, else their area."""

CAME = text(
    f"""
    SELECT n.category, {PLACE}, p.population_group, p.sex, p.birth_month, count(DISTINCT p.id)
    FROM data.need n JOIN data.person p ON p.id = n.root JOIN data.household h ON h.id = p.household_id
    WHERE n.agency = :agency AND n.day BETWEEN :first AND :last GROUP BY 1, 2, 3, 4, 5
    """
)
EVERYBODY = text(
    f"""
    SELECT NULL, {PLACE}, p.population_group, p.sex, p.birth_month, count(*)
    FROM data.person p JOIN data.household h ON h.id = p.household_id
    WHERE p.agency = :agency GROUP BY 1, 2, 3, 4, 5
    """
)


ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('demand report ' || :agency, 0))")


async def came(unit: UnitOfWork, first: date, last: date) -> list[Alike]:
    """Who came for what between two days."""
    asked = {"agency": unit.principal.agency, "first": first, "last": last}
    return [_alike(*row, on=last) for row in await unit.session.execute(CAME, asked)]


async def everybody(unit: UnitOfWork, on: date) -> list[Alike]:
    """All people of the agency."""
    rows = await unit.session.execute(EVERYBODY, {"agency": unit.principal.agency})
    return [_alike(*row, on=on) for row in rows]


async def published_before(unit: UnitOfWork) -> Sequence[Mapping[str, Any]]:
    """The tables of every report of the agency, of whatever month, in the order in which they were published.

    A second publication waits for the first to end, so that neither misses what the other gives away.
    """
    await unit.session.execute(ONE_AT_A_TIME, {"agency": str(unit.principal.agency)})
    tables = select(DemandReport.tables).where(DemandReport.agency == unit.principal.agency)
    return (await unit.session.scalars(tables.order_by(DemandReport.created, DemandReport.id))).all()


def _alike(
    category: str | None, area: str, group: str, sex: str, birth_month: date | None, people: int, *, on: date
) -> Alike:
    return Alike(category, area, group, sex, str(band(birth_month, on) or UNKNOWN), people)
