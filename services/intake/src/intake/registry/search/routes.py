"""The routes of searches."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency, created

from intake.registry.encryption.dependencies import CurrentInstanceKey
from intake.registry.search import commands
from intake.registry.search.schemas import SearchIn, SearchOut

router = APIRouter(tags=["search"])
AnyDesk = Annotated[
    UnitOfWork,
    agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER, Duty.SOFTWARE_REGISTER),
]


@router.post("/people/search")
async def search_people(
    unit: AnyDesk, instance_key: CurrentInstanceKey, body: SearchIn, response: Response
) -> SearchOut:
    """Search for a person before registering them. Each search is logged."""
    found, result = await commands.search(unit, instance_key, body.to_description())
    return SearchOut.of(created(found, response).id, result)


@router.get("/searches/{search_id}")
async def read_search(unit: AnyDesk, instance_key: CurrentInstanceKey, search_id: UUID) -> SearchOut:
    """Read a search of the last day with its result. Each person in it is logged."""
    found, result = await commands.read_search(unit, instance_key, search_id)
    return SearchOut.of(found.id, result)
