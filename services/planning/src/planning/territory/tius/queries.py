"""Queries of Territorial Intervention Units and their cells."""

from __future__ import annotations

from collections.abc import Sequence

from solidary.platform.database import Share, UnitOfWork
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from planning.territory.cities.models import Cell
from planning.territory.tius.models import Tiu


def list_tius(unit: UnitOfWork) -> Select[Tiu]:
    """Return the query of the agency's units and of those of plans that it works on."""
    agency = unit.principal.agency
    shared = select(Share.root).where(Share.agency == agency)
    return select(Tiu).where(or_(Tiu.agency == agency, Tiu.id.in_(shared)))


async def cells_of_tiu(session: AsyncSession, tiu: Tiu) -> Sequence[Cell]:
    """Return the cells of a unit."""
    return (await session.scalars(select(Cell).where(Cell.city == tiu.city, Cell.id.in_(tiu.cells)))).all()
