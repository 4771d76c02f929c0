"""The route of code lists."""

from __future__ import annotations

from fastapi import APIRouter
from solidary.platform.web import CurrentCountry, public

from intake.statistics.codes import queries
from intake.statistics.codes.schemas import CodeListsOut

router = APIRouter(tags=["codes"])


@router.get("/codes")
@public
async def list_codes(country: CurrentCountry) -> CodeListsOut:
    """List the codes that requests take, with their wording in Spanish and English."""
    return queries.code_lists(country)
