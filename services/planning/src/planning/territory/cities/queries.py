"""Queries of cities and their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solidary.language.problems import NotFound
from solidary.platform.database import read_parts
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from planning.territory.cities.models import Area, Cell, CellMap, City, Dataset


@dataclass(frozen=True)
class CityDescription:
    """A city, its areas by P-code, its number of cells, and the sources of all of it."""

    code: str
    name: str
    pcode: str
    areas: Sequence[Area]
    cells: int
    datasets: Sequence[Dataset]


async def list_cities(session: AsyncSession) -> Sequence[City]:
    """Return all cities by code."""
    return (await session.scalars(select(City).order_by(City.code))).all()


async def describe_city(session: AsyncSession, code: str) -> CityDescription:
    """Return a city with its areas and sources. Raises NotFound."""
    city = await _get_city(session, code)
    areas = await session.scalars(select(Area).where(Area.city == code).order_by(Area.pcode))
    cells = await session.scalar(select(func.count()).select_from(Cell).where(Cell.city == code))
    used = select(Cell.dataset).where(Cell.city == code).union(select(Area.dataset).where(Area.city == code))
    datasets = await session.scalars(
        select(Dataset).where(Dataset.id.in_(used)).order_by(Dataset.imported, Dataset.id)
    )
    return CityDescription(city.code, city.name, city.pcode, areas.all(), cells or 0, datasets.all())


async def find_map(session: AsyncSession, code: str, area: str) -> CellMap | None:
    """Return the map of a city's cells in one area, without its body; None for an area without cells.

    Raises NotFound for an unknown city.
    """
    found = await session.get(CellMap, (code, area), options=[defer(CellMap.body)])
    if found is None:
        await _get_city(session, code)
    return found


async def body_of_map(session: AsyncSession, cells: CellMap) -> list[bytes]:
    """Return the body of a map in parts, packed by gzip; the tag is of this body, also if an import replaced it."""
    where = (CellMap.city == cells.city, CellMap.area == cells.area)
    while not (parts := await read_parts(session, CellMap.body, *where, CellMap.etag == cells.etag)):
        await session.refresh(cells, ["etag"])
    return parts


async def sources_of_cells(session: AsyncSession, cells: Sequence[Cell]) -> Sequence[Dataset]:
    """Return the datasets from which these cells come."""
    used = {cell.dataset for cell in cells}
    return (
        await session.scalars(select(Dataset).where(Dataset.id.in_(used)).order_by(Dataset.imported))
    ).all()


async def _get_city(session: AsyncSession, code: str) -> City:
    city = await session.get(City, code)
    if city is None:
        raise NotFound(f"There is no city with the code {code}.")
    return city
