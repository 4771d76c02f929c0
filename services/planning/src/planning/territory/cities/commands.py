"""The import of a city."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence, Set
from typing import Any
from uuid import UUID, uuid4

import shapely
from pydantic import ValidationError
from solidary.language.problems import Fault, Forbidden, Invalid, count_of
from solidary.language.validation import faults_of
from solidary.platform.database import UnitOfWork
from solidary.platform.jobs import Progress, decompress
from sqlalchemy import Table, delete, select
from sqlalchemy.dialects.postgresql import insert

from planning.territory.cities import rules
from planning.territory.cities.models import Area, Cell, City, CityUpload, Dataset
from planning.territory.cities.schemas import AreaFeatureIn, CellFeatureIn, CityIn

ROWS_PER_STATEMENT = 1000
MAX_FAULTS = 100
"""The faults reported of one import: the first ones are enough to correct what they have in common."""


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
    upload = await unit.get(CityUpload, upload_id)
    body = await asyncio.to_thread(_parse, upload.body)
    city = await _open_city(unit, body)
    dataset = Dataset(id=uuid4(), city=body.code, imported=unit.now, **body.dataset.model_dump())
    unit.add(dataset)
    await unit.flush()
    origin = {"city": city.code, "dataset": dataset.id}
    areas = await asyncio.to_thread(_area_rows, body)
    await _replace_rows(unit, Area, areas, origin)
    known_areas = set(await unit.session.scalars(select(Area.pcode).where(Area.city == body.code)))
    cells = await asyncio.to_thread(_cell_rows, body, known_areas)
    for start in range(0, len(cells), ROWS_PER_STATEMENT):
        await progress.report(start, len(cells))
        await _replace_rows(unit, Cell, cells[start : start + ROWS_PER_STATEMENT], origin)
    await unit.session.delete(upload)
    return city


def _parse(body: bytes) -> CityIn:
    try:
        return CityIn.model_validate_json(decompress(body))
    except ValidationError as error:
        raise _invalid_import(faults_of(error.errors())) from None


def _invalid_import(faults: Sequence[Fault]) -> Invalid:
    return Invalid(
        f"The city has {count_of(len(faults), 'fault')}; nothing was imported. Correct them and send it again.",
        *faults[:MAX_FAULTS],
    )


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


def _area_rows(body: CityIn) -> list[dict[str, Any]]:
    features = body.areas.features
    faults = _repeated(
        [feature.properties.pcode for feature in features], "/areas/features/{}/properties/pcode"
    )
    with_geometry = {n: feature for n, feature in enumerate(features) if feature.geometry is not None}
    shapes = _parse_shapes(with_geometry, "/areas", faults)
    return [
        {"pcode": feature.properties.pcode, "name": feature.properties.name, "geometry": shapes.get(n)}
        for n, feature in enumerate(features)
    ]


def _cell_rows(body: CityIn, known_areas: Set[str]) -> list[dict[str, Any]]:
    features = body.cells.features
    faults = _repeated([feature.id for feature in features], "/cells/features/{}/id")
    faults += [
        Fault(
            f"/cells/features/{n}/properties/area",
            f"The city has no area {feature.properties.area}. Use the P-code of one of its areas.",
        )
        for n, feature in enumerate(features)
        if feature.properties.area not in known_areas
    ]
    shapes = _parse_shapes(dict(enumerate(features)), "/cells", faults)
    return [
        {
            "id": feature.id,
            "area": feature.properties.area,
            "geometry": shapes[n],
            "indicators": feature.properties.indicators,
        }
        for n, feature in enumerate(features)
    ]


def _parse_shapes(
    features: Mapping[int, AreaFeatureIn | CellFeatureIn], collection: str, faults: list[Fault]
) -> dict[int, bytes]:
    """Return the features' shapes as WKB, by their index.

    Raises Invalid with the faults of the shapes and those found before.
    """
    geometries = [feature.geometry.model_dump() for feature in features.values() if feature.geometry]
    shapes, shape_faults = rules.parse_geometries(geometries)
    indices = list(features)
    faults += [
        Fault(f"{collection}/features/{indices[n]}/geometry", detail) for n, detail in shape_faults.items()
    ]
    if faults:
        raise _invalid_import(faults)
    return dict(zip(indices, shapely.to_wkb(shapes).tolist(), strict=True))


def _repeated(ids: Sequence[str], pointer: str) -> list[Fault]:
    first: dict[str, int] = {}
    return [
        Fault(pointer.format(n), f"The feature at index {first[id_]} has the same code {id_}.")
        for n, id_ in enumerate(ids)
        if first.setdefault(id_, n) != n
    ]


async def _replace_rows(
    unit: UnitOfWork, entity: type[Area | Cell], rows: list[dict[str, Any]], origin: Mapping[str, object]
) -> None:
    """Insert rows, or replace those with the same key, in one statement."""
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
