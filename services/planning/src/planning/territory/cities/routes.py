"""The HTTP interface of cities."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from solidary.platform.jobs import compress
from solidary.platform.web import MB, PublicSession, WorkOut, accepted, public, upload

from planning.callers import CityImporter
from planning.territory.cities import jobs, queries
from planning.territory.cities.schemas import (
    CellCollectionOut,
    CellFeatureOut,
    CellPropertiesOut,
    CityIn,
    CityOut,
    CitySummaryOut,
    PCode,
)

router = APIRouter(tags=["territory"])

CityCode = Annotated[str, Path(max_length=40)]


@router.post("/cities/import", status_code=202)
@upload(CityIn, at_most=64 * MB)
async def import_city(unit: CityImporter, request: Request, response: Response) -> WorkOut:
    """Import a city: areas and cells as GeoJSON with their source, all of them or none."""
    return accepted(await jobs.request_import(unit, await compress(request.stream())), response)


@router.get("/cities")
@public
async def list_cities(session: PublicSession) -> list[CitySummaryOut]:
    """List the cities."""
    return [CitySummaryOut.model_validate(city) for city in await queries.list_cities(session)]


@router.get("/cities/{city}")
@public
async def read_city(session: PublicSession, city: CityCode) -> CityOut:
    """Read a city: its areas, its number of cells, and the sources of its figures."""
    return CityOut.model_validate(await queries.describe_city(session, city))


@router.get("/cities/{city}/cells")
@public
async def read_cells(
    session: PublicSession, city: CityCode, area: Annotated[PCode, Query()]
) -> CellCollectionOut:
    """Read the cells of one area with their indicators, as GeoJSON."""
    return CellCollectionOut(
        features=[
            CellFeatureOut(
                id=cell.id,
                properties=CellPropertiesOut.model_validate(cell),
                geometry=cell.geometry,
            )
            for cell in await queries.cells_of_area(session, city, area)
        ]
    )
