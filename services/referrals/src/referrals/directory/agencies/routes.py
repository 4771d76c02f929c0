"""The route of the agencies that take part."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from solidary.platform.database import UnitOfWork
from solidary.platform.web import Page, agency, runtime

from referrals.directory.agencies import queries
from referrals.directory.agencies.schemas import AgencyOut

router = APIRouter(tags=["agencies"])
Member = Annotated[UnitOfWork, agency()]


@router.get("/agencies")
async def list_agencies(
    unit: Member,
    request: Request,
    after: Annotated[str | None, Query(max_length=200, description="`next` of the previous page")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[AgencyOut]:
    """List the agencies that take part, by alias: to whom you may refer, and for whom you may record a consent."""
    names = runtime(request).settings.agency_names
    return await queries.list_agencies(unit, names, after, limit)
