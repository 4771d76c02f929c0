"""The inputs of a demand report: people by group, and the tables published before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from solidary.files.counts import CountTable
from solidary.platform.database import UnitOfWork
from solidary.platform.database.locks import lock_by_name
from sqlalchemy import select

from intake.registry.people.rules import counted_age_band
from intake.statistics.demand import statements
from intake.statistics.demand.models import DemandReport
from intake.statistics.demand.rules import UNKNOWN, CountedGroup


async def needs_by_group(unit: UnitOfWork, first: date, last: date) -> list[CountedGroup]:
    """Return the people of the agency by the category of need that they had between two days."""
    parameters = {"agency": unit.principal.agency, "first": first, "last": last}
    rows = await unit.session.execute(statements.NEEDS_BY_GROUP, parameters)
    return [_counted_group(*row, on=last) for row in rows]


async def people_by_group(unit: UnitOfWork, on: date) -> list[CountedGroup]:
    """Return all people of the agency by group."""
    rows = await unit.session.execute(statements.PEOPLE_BY_GROUP, {"agency": unit.principal.agency})
    return [_counted_group(*row, on=on) for row in rows]


async def published_tables(unit: UnitOfWork) -> Sequence[Mapping[str, CountTable]]:
    """Return the tables of every report of the agency, in the order in which they were published.

    A second publication waits until the first ends: each has to consider what the other discloses.
    """
    agency = unit.principal.agency
    await lock_by_name(unit, f"demand report {agency}")
    tables = select(DemandReport.tables).where(DemandReport.agency == agency)
    stored = await unit.session.scalars(tables.order_by(DemandReport.created, DemandReport.id))
    return [record.to_tables() for record in stored]


def _counted_group(
    category: str | None, area: str, group: str, sex: str, birth_year: int | None, people: int, *, on: date
) -> CountedGroup:
    return CountedGroup(category, area, group, sex, str(counted_age_band(birth_year, on) or UNKNOWN), people)
