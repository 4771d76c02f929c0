"""HTTP of cities and units of intervention."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.jobs import pack
from solidary.platform.web import (
    MB,
    Cursor,
    Page,
    WorkOut,
    accepted,
    agency,
    page_of,
    public,
    shared,
    upload,
)

from planning.reading import PublicSession
from planning.territory.units import commands, jobs, queries
from planning.territory.units.models import Tiu
from planning.territory.units.schemas import (
    CellOut,
    CellPropertiesOut,
    CellsOut,
    CityIn,
    CityLineOut,
    CityOut,
    PCode,
    TiuIn,
    TiuOut,
)

router = APIRouter(tags=["territory"])

Importer = Annotated[UnitOfWork, agency(Duty.PLANNER, Duty.INTEGRATOR, Duty.OPERATOR)]
Planner = Annotated[UnitOfWork, agency(Duty.PLANNER)]
Reader = Annotated[
    UnitOfWork, shared(Duty.PLANNER, Duty.FACILITATOR, Duty.AUTHORITY, Duty.MARKET_ANALYST, Duty.AUDITOR)
]
City = Annotated[str, Path(max_length=40)]


@router.post("/cities/import", status_code=202)
@upload(CityIn, at_most=64 * MB)
async def import_city(unit: Importer, request: Request, response: Response) -> WorkOut:
    """Bring in a city: areas and cells as GeoJSON, with their source, all of them or none."""
    return accepted(await jobs.ask_to_import(unit, await pack(request.stream())), response)


@router.get("/cities")
@public
async def cities(session: PublicSession) -> list[CityLineOut]:
    """The cities that are known."""
    return [CityLineOut.model_validate(city) for city in await queries.cities(session)]


@router.get("/cities/{city}")
@public
async def city(session: PublicSession, city: City) -> CityOut:
    """One city: its areas, how many cells it has, and where its figures come from."""
    return CityOut.model_validate(await queries.city_sheet(session, city))


@router.get("/cities/{city}/cells")
@public
async def cells(session: PublicSession, city: City, area: Annotated[PCode, Query()]) -> CellsOut:
    """The cells of one area with their indicators, as GeoJSON."""
    found = await queries.cells_of_area(session, city, area)
    return CellsOut(
        features=[
            CellOut(
                id=cell.id,
                properties=CellPropertiesOut.model_validate(cell),
                geometry=cell.geometry,
            )
            for cell in found
        ]
    )


@router.post("/tius", status_code=201)
async def draw(unit: Planner, body: TiuIn, response: Response) -> TiuOut:
    """Draw a Territorial Intervention Unit: it is made of the cells whose centres lie within the outline."""
    tiu = await commands.draw(unit, body)
    response.headers["Location"] = f"/tius/{tiu.id}"
    return TiuOut.model_validate(tiu)


@router.get("/tius")
async def tius(unit: Reader, cursor: Annotated[Cursor, Depends()]) -> Page[TiuOut]:
    """Your units and those of plans you work on, the newest first."""
    return await page_of(unit.session, queries.tius(unit), cursor, TiuOut.model_validate, by=Tiu)


@router.get("/tius/{tiu_id}")
async def tiu(unit: Reader, tiu_id: UUID) -> TiuOut:
    """One unit of intervention."""
    return TiuOut.model_validate(await unit.get(Tiu, tiu_id))
