"""The import of a city."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Set
from contextlib import aclosing
from itertools import islice
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import shapely
from pydantic import TypeAdapter
from shapely.geometry.base import BaseGeometry
from solidary.language.problems import Fault, Forbidden
from solidary.platform.database import UnitOfWork, read_parts
from solidary.platform.jobs import Progress
from sqlalchemy import Table, delete, select
from sqlalchemy.dialects.postgresql import insert

from planning.engines.shapes import InvalidGeometry, parse_geometry, require_in_country, usable_shapes
from planning.territory.cities import statements
from planning.territory.cities.maps import make_maps
from planning.territory.cities.models import Area, City, CityUpload, Dataset
from planning.territory.cities.reading import CityReader, ImportFaults
from planning.territory.cities.schemas import AreaFeatureIn, CellFeatureIn, CityIn, Geometry

ROWS_PER_STATEMENT = 1000
INDICATORS = TypeAdapter(dict[str, float])

Row: TypeAlias = dict[str, Any]
Columns: TypeAlias = dict[str, list[Any]]
"""The rows of a statement by column."""


async def store_upload(unit: UnitOfWork, body: bytes) -> CityUpload:
    """Store a city until it is imported, in place of an earlier one that failed: an agency has at most one."""
    await unit.session.execute(delete(CityUpload).where(CityUpload.agency == unit.principal.agency))
    id_ = uuid4()
    upload = CityUpload(id=id_, root=id_, body=body)
    unit.add(upload)
    await unit.flush()
    return upload


async def import_upload(unit: UnitOfWork, progress: Progress, upload_id: UUID) -> City:
    """Import the areas and cells of an upload, all of them or none.

    Areas and cells that exist are replaced, others stay. Raises Invalid with a pointer to every wrong feature, and
    Forbidden where another agency imported the city.
    """
    faults = ImportFaults()
    reader = CityReader(await read_parts(unit.session, CityUpload.body, CityUpload.id == upload_id), faults)
    body, cells = await asyncio.to_thread(reader.read_head)
    city = await _open_city(unit, body)
    dataset = Dataset(id=uuid4(), city=body.code, imported=unit.now, **body.dataset.model_dump())
    unit.add(dataset)
    await unit.flush()
    origin = {"city": city.code, "dataset": dataset.id}
    async for rows in _batches(_area_rows(reader.areas(), faults)):
        await _replace_areas(unit, rows, origin)
    known_areas = set(await unit.session.scalars(select(Area.pcode).where(Area.city == body.code)))
    imported, changed = 0, set[str]()
    async with aclosing(_made_ahead(_cell_rows(reader.cells(), known_areas, faults))) as batches:
        async for columns in batches:
            if columns["ids"]:
                areas = await unit.execute(statements.REPLACE_CELLS, {**columns, **origin})
                changed.update(area for (area,) in areas)
            imported += len(columns["ids"])
            await progress.report(imported, cells)
    faults.require_none()
    await make_maps(unit, city.code, sorted(changed))
    await unit.session.execute(delete(CityUpload).where(CityUpload.id == upload_id))
    return city


async def _batches(rows: Iterator[Row]) -> AsyncIterator[list[Row]]:
    """Yield rows as many as one statement takes; they are made in a thread, beside the event loop."""
    while batch := await asyncio.to_thread(lambda: [*islice(rows, ROWS_PER_STATEMENT)]):
        yield batch


async def _made_ahead(batches: Iterator[Columns]) -> AsyncGenerator[Columns, None]:
    """Yield batches, each of which is made in a thread while PostgreSQL writes the one before."""

    def make() -> Columns | None:
        return next(batches, None)

    making = asyncio.create_task(asyncio.to_thread(make))
    try:
        while (made := await making) is not None:
            making = asyncio.create_task(asyncio.to_thread(make))
            yield made
    finally:
        making.cancel()


async def _open_city(unit: UnitOfWork, body: CityIn) -> City:
    city = await unit.session.get(City, body.code, with_for_update=True)
    if city is None:
        city = City(code=body.code, steward=unit.principal.agency)
        unit.add(city)
    if city.steward != unit.principal.agency:
        raise Forbidden(
            f"Another agency imported the city {body.code}. Ask that agency to import it again, or use another code."
        )
    city.name, city.pcode, city.imported = body.name, body.pcode, unit.now
    return city


def _area_rows(
    areas: Iterable[tuple[int, AreaFeatureIn | list[Fault]]], faults: ImportFaults
) -> Iterator[Row]:
    """Yield the rows of areas, without those that have a fault."""
    seen: dict[str, int] = {}
    for index, area in areas:
        if isinstance(area, list):
            faults.add(*area)
            continue
        place, code = f"/areas/features/{index}", area.properties.pcode
        found = _repeated(seen, code, index, f"{place}/properties/pcode")
        shape = _shape(area.geometry, code, place, found) if area.geometry else None
        faults.add(*found)
        if not found:
            encoded = None if shape is None else shapely.to_wkb(shape)
            yield {"pcode": code, "name": area.properties.name, "geometry": encoded}


def _cell_rows(
    cells: Iterator[tuple[int, CellFeatureIn | list[Fault]]], known_areas: Set[str], faults: ImportFaults
) -> Iterator[Columns]:
    """Yield the columns of cells as many as one statement takes, without cells that have a fault.

    Their shapes are made together; one that may have a fault is looked at alone.
    """
    seen: dict[str, int] = {}
    while batch := [*islice(cells, ROWS_PER_STATEMENT)]:
        read = [cell for _, cell in batch if isinstance(cell, CellFeatureIn)]
        texts = [_geojson(cell.geometry) for cell in read]
        shapes = iter(usable_shapes(texts, [cell.properties.area[:2] for cell in read]))
        kept: list[tuple[CellFeatureIn, BaseGeometry]] = []
        for index, cell in batch:
            if isinstance(cell, list):
                faults.add(*cell)
                continue
            place, area = f"/cells/features/{index}", cell.properties.area
            found = _repeated(seen, cell.id, index, f"{place}/id")
            if area not in known_areas:
                detail = f"The city has no area {area}. Use the P-code of one of its areas."
                found.append(Fault(f"{place}/properties/area", detail))
            shape = next(shapes) or _shape(cell.geometry, area, place, found)
            if found:
                faults.add(*found)
            elif shape is not None:
                kept.append((cell, shape))
        yield {
            "ids": [cell.id for cell, _ in kept],
            "areas": [cell.properties.area for cell, _ in kept],
            "shapes": list(shapely.to_wkb([shape for _, shape in kept])),
            "indicators": [INDICATORS.dump_json(cell.properties.indicators).decode() for cell, _ in kept],
        }


def _geojson(geometry: Geometry) -> str:
    return json.dumps({"type": geometry.type, "coordinates": geometry.coordinates})


def _shape(geometry: Geometry, pcode: str, place: str, faults: list[Fault]) -> BaseGeometry | None:
    """Return a geometry's shape; None where a fault was added.

    It must be in the country of the P-code, where there is a pack of that country.
    """
    try:
        shape = parse_geometry(geometry.model_dump())
        require_in_country(shape, pcode[:2])
        return shape
    except InvalidGeometry as error:
        faults.append(Fault(f"{place}/geometry", str(error)))
        return None


def _repeated(seen: dict[str, int], code: str, index: int, pointer: str) -> list[Fault]:
    first = seen.setdefault(code, index)
    if first == index:
        return []
    return [Fault(pointer, f"The feature at index {first} has the same code {code}.")]


async def _replace_areas(unit: UnitOfWork, rows: list[Row], origin: Mapping[str, object]) -> None:
    """Insert areas, or replace those with the same key, in one statement."""
    table = Area.__table__
    assert isinstance(table, Table)
    statement = insert(table)
    key = [column.name for column in table.primary_key]
    new = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in key}
    await unit.session.execute(
        statement.on_conflict_do_update(index_elements=key, set_=new), [{**row, **origin} for row in rows]
    )
