"""The HTTP interface of suggestions: a coded query without a person, of which nothing is stored."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Query
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import CurrentCountry, read_only

from referrals.directory.suggestions import queries
from referrals.directory.suggestions.schemas import SuggestionPage, SuggestionQueryIn

router = APIRouter(tags=["suggestions"])
Sender: TypeAlias = Annotated[
    UnitOfWork,
    read_only(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER, Duty.SOFTWARE_REFER),
]


@router.post("/suggestions")
async def suggest_services(
    unit: Sender,
    country: CurrentCountry,
    body: SuggestionQueryIn,
    after: Annotated[str | None, Query(max_length=200, description="`next` of the previous page")] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> SuggestionPage:
    """Suggest services that meet a need, best first, each with the reasons for its place."""
    return await queries.suggest_services(unit, country, body, after, limit)
