"""The HTTP interface of cities."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from solidary.platform.jobs import compress
from solidary.platform.web import (
    MB,
    PublicSession,
    WorkOut,
    accepted,
    accepts_gzip,
    matches_etag,
    public,
    upload,
)

from planning.callers import CityImporter
from planning.territory.cities import jobs, maps, queries
from planning.territory.cities.schemas import (
    CellCollectionOut,
    CityIn,
    CityOut,
    CitySummaryOut,
    PCode,
)

router = APIRouter(tags=["territory"])

JSON = "application/json"
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


@router.get(
    "/cities/{city}/cells",
    response_model=CellCollectionOut,
    responses={304: {"description": "The cells are those of the ETag in If-None-Match"}},
)
@public
async def read_cells(
    session: PublicSession, city: CityCode, area: Annotated[PCode, Query()], request: Request
) -> Response:
    """Read the cells of one area with their indicators, as GeoJSON that was packed when the city was imported."""
    cells = await queries.find_map(session, city, area)
    if cells is None:
        return Response(maps.EMPTY, media_type=JSON)
    headers = {"ETag": f'W/"{cells.etag}"', "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if matches_etag(request.headers.get("if-none-match", ""), cells.etag):
        return Response(status_code=304, headers=headers)
    parts = await queries.body_of_map(session, cells)
    headers["ETag"] = f'W/"{cells.etag}"'
    if accepts_gzip(request.headers.get("accept-encoding", "")):
        headers |= {"Content-Encoding": "gzip", "Content-Length": str(sum(map(len, parts)))}
        return StreamingResponse(maps.send(parts), media_type=JSON, headers=headers)
    return StreamingResponse(maps.unpack(parts), media_type=JSON, headers=headers)
