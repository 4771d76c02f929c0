from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency

from intake.instance import Held
from intake.registry.search import commands
from intake.registry.search.models import Search
from intake.registry.search.schemas import SearchIn, SearchOut

router = APIRouter(tags=["search"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)]


@router.post("/people/search")
async def search(unit: Desk, held: Held, body: SearchIn, response: Response) -> SearchOut:
    """Looks for somebody before registering them. Each search is logged."""
    found = await commands.search(unit, held, body)
    response.headers["Location"] = f"/searches/{found.search_id}"
    return found


@router.get("/searches/{search_id}")
async def read(unit: Desk, held: Held, search_id: UUID) -> SearchOut:
    """A search of the last day, as it was answered."""
    kept = await unit.get(Search, search_id)
    return SearchOut.model_validate_json(held.passing_seal(search_id).open("answer", kept.answer))
