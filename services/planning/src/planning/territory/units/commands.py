"""Bringing a city in, and drawing a unit of intervention."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence, Set
from typing import Any
from uuid import UUID, uuid4

import shapely
from pydantic import ValidationError
from solidary.language.events.planning import TiuDefined
from solidary.language.problems import Fault, Forbidden, Invalid, json_pointer
from solidary.platform.database import UnitOfWork
from solidary.platform.jobs import Progress, unpack
from sqlalchemy import Table, delete, select
from sqlalchemy.dialects.postgresql import insert

from planning.territory.units import rules
from planning.territory.units.models import Area, Cell, City, Dataset, Tiu, Upload
from planning.territory.units.schemas import AreaFeature, CellFeature, CityIn, TiuIn

AT_ONCE = 1000
MOST_FAULTS = 100
"""Faults told of one import: whoever sent it mends what they have in common first."""


async def keep(unit: UnitOfWork, body: bytes) -> Upload:
    """Keeps a city until it is imported, in place of one that was refused: an agency has one at most."""
    await unit.session.execute(delete(Upload).where(Upload.agency == unit.principal.agency))
    id_ = uuid4()
    upload = Upload(id=id_, root=id_, body=body)
    unit.add(upload)
    await unit.flush()
    return upload


async def import_upload(unit: UnitOfWork, progress: Progress, upload_id: UUID) -> City:
    """Takes in the areas and cells of a city that was sent in, all of them or none.

    Raises Invalid with a pointer to every wrong feature, Forbidden where another agency keeps the city.
    """
    upload = await unit.get(Upload, upload_id)
    said = await asyncio.to_thread(_read, upload.body)
    city = await _city(unit, said)
    dataset = Dataset(id=uuid4(), city=said.code, imported=unit.now, **said.dataset.model_dump())
    unit.add(dataset)
    await unit.flush()
    origin = {"city": city.code, "dataset": dataset.id}
    areas = await asyncio.to_thread(_areas, said)
    await _replace(unit, Area, areas, origin)
    known = set(await unit.session.scalars(select(Area.pcode).where(Area.city == said.code)))
    cells = await asyncio.to_thread(_cells, said, known)
    for start in range(0, len(cells), AT_ONCE):
        await progress.report(start, len(cells))
        await _replace(unit, Cell, cells[start : start + AT_ONCE], origin)
    await unit.session.delete(upload)
    return city


async def draw(unit: UnitOfWork, said: TiuIn) -> Tiu:
    """A unit of intervention: the cells of its area whose centres the outline covers."""
    (outline, *_), faults = rules.read([said.outline.model_dump()])
    if faults:
        raise Invalid("the outline is not a shape", Fault("/outline", faults[0]))
    found = (
        await unit.session.execute(
            select(Cell.id, Cell.geometry)
            .where(Cell.city == said.city, Cell.area == said.area)
            .order_by(Cell.id)
        )
    ).all()
    if not found:
        raise Invalid("no cells are known there", Fault("/area", f"no cells in {said.area} of {said.city}"))
    within = rules.lying_in(outline, list(shapely.from_wkb([cell.geometry for cell in found])))
    if not within:
        raise Invalid("the unit has no cells", Fault("/outline", f"covers no cell's centre in {said.area}"))
    id_ = uuid4()
    tiu = Tiu(
        id=id_,
        root=id_,
        city=said.city,
        area=said.area,
        label=said.label,
        outline=shapely.to_wkb(outline),
        cells=[found[index].id for index in within],
        population=said.population and said.population.model_dump(mode="json"),
    )
    unit.add(tiu)
    await unit.flush()
    unit.publish(TiuDefined(tiu_id=tiu.id, label=tiu.label, area=tiu.area, cells=tiu.cells), about=tiu)
    return tiu


def _read(body: bytes) -> CityIn:
    try:
        return CityIn.model_validate_json(unpack(body))
    except ValidationError as error:
        faults = [Fault(json_pointer(fault["loc"]), fault["msg"]) for fault in error.errors()]
        raise Invalid(f"{len(faults)} faults; nothing was imported", *faults[:MOST_FAULTS]) from None


async def _city(unit: UnitOfWork, said: CityIn) -> City:
    city = await unit.session.get(City, said.code, with_for_update=True)
    if city is None:
        city = City(code=said.code, steward=unit.principal.agency)
        unit.add(city)
    if city.steward != unit.principal.agency:
        raise Forbidden("another agency brought this city in, and keeps it")
    city.name, city.pcode, city.imported = said.name, said.pcode, unit.now
    return city


def _areas(said: CityIn) -> list[dict[str, Any]]:
    features = said.areas.features
    faults = _repeated(
        [feature.properties.pcode for feature in features], "/areas/features/{}/properties/pcode"
    )
    shaped = {n: feature for n, feature in enumerate(features) if feature.geometry is not None}
    shapes = _shapes(shaped, "/areas", faults)
    return [
        {"pcode": feature.properties.pcode, "name": feature.properties.name, "geometry": shapes.get(n)}
        for n, feature in enumerate(features)
    ]


def _cells(said: CityIn, known: Set[str]) -> list[dict[str, Any]]:
    features = said.cells.features
    faults = _repeated([feature.id for feature in features], "/cells/features/{}/id")
    faults += [
        Fault(f"/cells/features/{n}/properties/area", f"there is no area {feature.properties.area}")
        for n, feature in enumerate(features)
        if feature.properties.area not in known
    ]
    shapes = _shapes(dict(enumerate(features)), "/cells", faults)
    return [
        {
            "id": feature.id,
            "area": feature.properties.area,
            "geometry": shapes[n],
            "indicators": feature.properties.indicators,
        }
        for n, feature in enumerate(features)
    ]


def _shapes(
    features: Mapping[int, AreaFeature | CellFeature], collection: str, faults: list[Fault]
) -> dict[int, bytes]:
    """The features' shapes as WKB, by their places. Raises Invalid with these faults and those found before."""
    geometries = [feature.geometry.model_dump() for feature in features.values() if feature.geometry]
    shapes, broken = rules.read(geometries)
    places = list(features)
    faults += [Fault(f"{collection}/features/{places[n]}/geometry", why) for n, why in broken.items()]
    if faults:
        raise Invalid(f"{len(faults)} faults; nothing was imported", *faults[:MOST_FAULTS])
    return dict(zip(places, shapely.to_wkb(shapes).tolist(), strict=True))


def _repeated(ids: Sequence[str], pointer: str) -> list[Fault]:
    first: dict[str, int] = {}
    return [
        Fault(pointer.format(n), f"{id_} stands at {first[id_]} already")
        for n, id_ in enumerate(ids)
        if first.setdefault(id_, n) != n
    ]


async def _replace(
    unit: UnitOfWork, entity: type[Area | Cell], rows: list[dict[str, Any]], origin: Mapping[str, object]
) -> None:
    """Writes rows over those of the same key, in one statement for all."""
    if not rows:
        return
    table = entity.__table__
    assert isinstance(table, Table)
    statement = insert(table)
    key = [column.name for column in table.primary_key]
    new = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in key}
    await unit.session.execute(
        statement.on_conflict_do_update(index_elements=key, set_=new), [{**row, **origin} for row in rows]
    )
