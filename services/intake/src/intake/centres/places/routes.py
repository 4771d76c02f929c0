"""The routes of centres."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import (
    CurrentCountry,
    Page,
    PublicSession,
    UpdatedCursor,
    agency,
    created,
    public,
    versioned,
)

from intake.centres.places import commands, queries
from intake.centres.places.models import Centre
from intake.centres.places.schemas import CentreIn, CentreOut, PublicCentreOut, PublicCentresOut

router = APIRouter(tags=["centres"])
Editor = Annotated[UnitOfWork, agency(Duty.DIRECTORY_EDITOR)]
Member = Annotated[UnitOfWork, agency()]
FOR_A_MINUTE = "public, max-age=60"


@router.post("/centres", status_code=201)
async def add_centre(unit: Editor, country: CurrentCountry, body: CentreIn, response: Response) -> CentreOut:
    """Add a centre, which everybody may read from then on."""
    centre = created(await commands.add_centre(unit, body), response)
    return queries.centre_out(centre, unit.now.astimezone(country.zone()))


@router.put("/centres/{centre_id}")
@versioned(Centre)
async def change_centre(unit: Editor, country: CurrentCountry, centre_id: UUID, body: CentreIn) -> CentreOut:
    """Replace what is known of a centre. It is never deleted: `is_open` is false once it is closed for good."""
    centre = await commands.change_centre(unit, centre_id, body)
    return queries.centre_out(centre, unit.now.astimezone(country.zone()))


@router.get("/centres")
async def list_centres(
    unit: Member,
    country: CurrentCountry,
    cursor: Annotated[UpdatedCursor, Depends()],
    is_open: bool | None = None,
) -> Page[CentreOut]:
    """List the agency's centres, the newest first."""
    return await queries.list_centres(unit, country, is_open, cursor)


@router.get("/centres/{centre_id}")
@versioned(Centre)
async def read_centre(unit: Member, country: CurrentCountry, centre_id: UUID) -> CentreOut:
    """Read a centre of the agency."""
    centre = await unit.get(Centre, centre_id)
    return queries.centre_out(centre, unit.now.astimezone(country.zone()))


@router.get("/public/centres")
@public
async def list_public_centres(
    session: PublicSession,
    country: CurrentCountry,
    response: Response,
    area: Annotated[str | None, Query(pattern=r"^[A-Z]{2}[0-9A-Z]{0,12}$")] = None,
) -> PublicCentresOut:
    """List the centres of the instance with their hours, by area and name; `area` may be one that encloses theirs."""
    response.headers["Cache-Control"] = FOR_A_MINUTE
    local = datetime.now(UTC).astimezone(country.zone())
    return PublicCentresOut(items=await queries.list_public_centres(session, area, local))


@router.get("/public/centres/{centre_id}")
@public
async def read_public_centre(
    session: PublicSession, country: CurrentCountry, centre_id: UUID, response: Response
) -> PublicCentreOut:
    """Read a centre with its hours."""
    response.headers["Cache-Control"] = FOR_A_MINUTE
    return await queries.read_public_centre(session, centre_id, datetime.now(UTC).astimezone(country.zone()))
