"""Which services fit: asked with codes, about nobody; nothing of it is kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import read_only

from referrals.directory.suggestions import queries
from referrals.directory.suggestions.schemas import QueryIn, Suggested
from referrals.instance import Country

router = APIRouter(tags=["suggestions"])
Asker = Annotated[UnitOfWork, read_only(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)]


@router.post("/suggestions")
async def suggest(unit: Asker, country: Country, body: QueryIn) -> list[Suggested]:
    """Services that answer a need, best first, each with its reasons."""
    return await queries.suggestions(unit, country, body)
