"""The import of a city."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Set
from contextlib import aclosing
from itertools import islice
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import shapely
from solidary.language.problems import Fault, Forbidden
from solidary.platform.database import UnitOfWork, read_parts
from solidary.platform.jobs import Progress
from sqlalchemy import Table, delete, select
from sqlalchemy.dialects.postgresql import insert

from planning.engines.shapes import InvalidGeometry, parse_geometry, require_in_country
from planning.territory.cities import statements
from planning.territory.cities.maps import make_maps
from planning.territory.cities.models import Area, City, CityUpload, Dataset
from planning.territory.cities.reading import CityReader, ImportFaults
from planning.territory.cities.schemas import AreaFeatureIn, CellFeatureIn, CityIn, Geometry

ROWS_PER_STATEMENT = 1000

Row: TypeAlias = dict[str, Any]


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
    async with aclosing(_packed(_cell_rows(reader.cells(), known_areas, faults))) as batches:
        async for count, text in batches:
            changed.update(await unit.session.scalars(statements.REPLACE_CELLS, {"rows": text, **origin}))
            imported += count
            await progress.report(imported, cells)
    faults.require_none()
    await make_maps(unit, city.code, sorted(changed))
    await unit.session.execute(delete(CityUpload).where(CityUpload.id == upload_id))
    return city


async def _batches(rows: Iterator[Row]) -> AsyncIterator[list[Row]]:
    """Yield rows as many as one statement takes; they are made in a thread, beside the event loop."""
    while batch := await asyncio.to_thread(lambda: [*islice(rows, ROWS_PER_STATEMENT)]):
        yield batch


async def _packed(rows: Iterator[Row]) -> AsyncGenerator[tuple[int, str], None]:
    """Yield the number and the JSON of rows as many as one statement takes, made in a thread too.

    The next rows are made while PostgreSQL writes these.
    """

    def pack() -> tuple[int, str]:
        batch = [*islice(rows, ROWS_PER_STATEMENT)]
        return len(batch), json.dumps(batch)

    packing = asyncio.create_task(asyncio.to_thread(pack))
    try:
        while (packed := await packing)[0]:
            packing = asyncio.create_task(asyncio.to_thread(pack))
            yield packed
    finally:
        packing.cancel()


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


def _area_rows(areas: Iterable[tuple[int, AreaFeatureIn]], faults: ImportFaults) -> Iterator[Row]:
    """Yield the rows of areas, without those that have a fault."""
    seen: dict[str, int] = {}
    for index, area in areas:
        place, code = f"/areas/features/{index}", area.properties.pcode
        found = _repeated(seen, code, index, f"{place}/properties/pcode")
        shape = _shape(area.geometry, code, place, found)
        faults.add(*found)
        if not found:
            yield {"pcode": code, "name": area.properties.name, "geometry": shape}


def _cell_rows(
    cells: Iterable[tuple[int, CellFeatureIn]], known_areas: Set[str], faults: ImportFaults
) -> Iterator[Row]:
    """Yield the rows of cells, without those that have a fault."""
    seen: dict[str, int] = {}
    for index, cell in cells:
        place, area = f"/cells/features/{index}", cell.properties.area
        found = _repeated(seen, cell.id, index, f"{place}/id")
        if area not in known_areas:
            detail = f"The city has no area {area}. Use the P-code of one of its areas."
            found.append(Fault(f"{place}/properties/area", detail))
        shape = _shape(cell.geometry, area, place, found)
        faults.add(*found)
        if not found:
            encoded = b64encode(shape or b"").decode()
            yield {"id": cell.id, "area": area, "geometry": encoded, "indicators": cell.properties.indicators}


def _shape(geometry: Geometry | None, pcode: str, place: str, faults: list[Fault]) -> bytes | None:
    """Return a geometry as WKB; None where there is none, and where a fault was added.

    It must be in the country of the P-code, where there is a pack of that country.
    """
    if geometry is None:
        return None
    try:
        shape = parse_geometry(geometry.model_dump())
        require_in_country(shape, pcode[:2])
        return shapely.to_wkb(shape)
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
