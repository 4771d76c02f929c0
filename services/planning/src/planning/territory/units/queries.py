"""What is known of a city, and an agency's units of intervention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solidary.language.problems import NotFound
from solidary.platform.database import Share, UnitOfWork
from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from planning.territory.units.models import Area, Cell, City, Dataset, Tiu


@dataclass(frozen=True)
class CitySheet:
    """A city, its areas by P-code, how many cells it has, and where all of it comes from."""

    code: str
    name: str
    pcode: str
    areas: Sequence[Area]
    cells: int
    datasets: Sequence[Dataset]


async def cities(session: AsyncSession) -> Sequence[City]:
    """All cities, by code."""
    return (await session.scalars(select(City).order_by(City.code))).all()


async def city_sheet(session: AsyncSession, code: str) -> CitySheet:
    """Raises NotFound."""
    city = await _city(session, code)
    areas = await session.scalars(select(Area).where(Area.city == code).order_by(Area.pcode))
    cells = await session.scalar(select(func.count()).select_from(Cell).where(Cell.city == code))
    used = select(Cell.dataset).where(Cell.city == code).union(select(Area.dataset).where(Area.city == code))
    datasets = await session.scalars(
        select(Dataset).where(Dataset.id.in_(used)).order_by(Dataset.imported, Dataset.id)
    )
    return CitySheet(city.code, city.name, city.pcode, areas.all(), cells or 0, datasets.all())


async def cells_of_area(session: AsyncSession, code: str, area: str) -> Sequence[Cell]:
    """A city's cells in one area, by id. Raises NotFound for a city that is not known."""
    await _city(session, code)
    return (
        await session.scalars(select(Cell).where(Cell.city == code, Cell.area == area).order_by(Cell.id))
    ).all()


async def cells_of_tiu(session: AsyncSession, tiu: Tiu) -> Sequence[Cell]:
    """The cells that a unit of intervention is made of."""
    return (await session.scalars(select(Cell).where(Cell.city == tiu.city, Cell.id.in_(tiu.cells)))).all()


async def datasets_of(session: AsyncSession, cells: Sequence[Cell]) -> Sequence[Dataset]:
    """Where these cells' figures come from."""
    used = {cell.dataset for cell in cells}
    return (
        await session.scalars(select(Dataset).where(Dataset.id.in_(used)).order_by(Dataset.imported))
    ).all()


def tius(unit: UnitOfWork) -> Select[Tiu]:
    """The agency's own, and those of plans it works on."""
    me = unit.principal.agency
    shared = select(Share.root).where(Share.agency == me)
    return select(Tiu).where(or_(Tiu.agency == me, Tiu.id.in_(shared)))


async def _city(session: AsyncSession, code: str) -> City:
    city = await session.get(City, code)
    if city is None:
        raise NotFound(f"no city {code}")
    return city
