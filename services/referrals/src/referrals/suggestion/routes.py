"""Which services fit: asked with codes, about nobody; nothing of it is kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from solidary.database import UnitOfWork
from solidary.identity import Duty
from solidary.web import asking

from referrals.instance import Country
from referrals.suggestion import queries
from referrals.suggestion.schemas import QueryIn, Suggested

router = APIRouter(tags=["suggestions"])
Asker = Annotated[UnitOfWork, asking(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)]


@router.post("/suggestions")
async def suggest(unit: Asker, country: Country, body: QueryIn) -> list[Suggested]:
    """Services that answer a need, best first, each with its reasons."""
    return await queries.suggestions(unit, country, body)
