"""The HTTP interface of Territorial Intervention Units."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from solidary.platform.web import Page, UpdatedCursor, created, page_of, where_given

from planning.callers import OwnPlanner, Reader
from planning.territory.tius import commands, queries
from planning.territory.tius.models import Tiu
from planning.territory.tius.schemas import TiuIn, TiuOut

router = APIRouter(tags=["territory"])


@router.post("/tius", status_code=201)
async def draw_tiu(unit: OwnPlanner, body: TiuIn, response: Response) -> TiuOut:
    """Draw a Territorial Intervention Unit from the cells whose centres lie within the outline."""
    return TiuOut.model_validate(created(await commands.draw_tiu(unit, body), response))


@router.get("/tius")
async def list_tius(
    unit: Reader,
    cursor: Annotated[UpdatedCursor, Depends()],
    city: Annotated[str | None, Query(max_length=60)] = None,
) -> Page[TiuOut]:
    """List your agency's units and those of plans that it works on, the newest first."""
    query = where_given(queries.list_tius(unit), {Tiu.city: city})
    return await page_of(unit.session, query, cursor, TiuOut.model_validate, by=Tiu)


@router.get("/tius/{tiu_id}")
async def read_tiu(unit: Reader, tiu_id: UUID) -> TiuOut:
    """Read a Territorial Intervention Unit."""
    return TiuOut.model_validate(await unit.get(Tiu, tiu_id))
