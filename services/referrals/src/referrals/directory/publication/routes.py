"""The API that HSDS 3.1 requires: `GET /`, `/services`, `/services/{id}`. Its paging is the standard's own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime
from solidary.language.problems import NotFound
from solidary.platform.web import public, runtime
from sqlalchemy.ext.asyncio import AsyncSession

from referrals.directory.publication import queries
from referrals.directory.publication.rules import as_json, minimal, whole
from referrals.directory.services.models import PublishedService
from referrals.engines.hsds.services import ApiDescription

router = APIRouter(tags=["hsds"])

PROFILE = "https://docs.openreferral.org/en/3.1/"
FARTHEST = 1_000_000


async def _published(request: Request) -> AsyncIterator[AsyncSession]:
    async with runtime(request).database.session_without_scope() as session:
        yield session


Reading = Annotated[AsyncSession, Depends(_published, scope="function")]


@router.get("/", response_model=dict[str, str])
@public
async def describe(request: Request) -> dict[str, Any]:
    """What this API is."""
    openapi = str(request.url_for("openapi"))
    return ApiDescription(version="3.1", profile=PROFILE, openapi_url=openapi).model_dump(mode="json")


@router.get("/services", response_model=dict[str, Any])
@public
async def services(
    session: Reading,
    search: Annotated[str | None, Query(max_length=200)] = None,
    organization_id: UUID | None = None,
    modified_after: AwareDatetime | None = None,
    page: Annotated[int, Query(ge=1, le=FARTHEST)] = 1,
    per_page: Annotated[int, Query(ge=1, le=200)] = 50,
    minimal: bool = False,
    format: Literal["json", "ndjson"] = "json",
) -> Any:
    """A page of the public services, by name. Filters are cumulative."""
    filters = queries.Filters(search, organization_id, modified_after)
    total, found = await queries.page(session, filters, page, per_page)
    contents = [_shown(service, minimal) for service in found]
    if format == "ndjson":
        lines = "".join(json.dumps(service, ensure_ascii=False) + "\n" for service in contents)
        return Response(lines, media_type="application/x-ndjson")
    pages = -(-total // per_page)
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": page,
        "size": len(contents),
        "first_page": page == 1,
        "last_page": page >= pages,
        "empty": not contents,
        "contents": contents,
    }


@router.get("/services/{service_id}", response_model=dict[str, Any])
@public
async def service(session: Reading, service_id: UUID) -> dict[str, Any]:
    """One public service, whole. A confidential one is not found."""
    found = await session.get(PublishedService, service_id)
    if found is None:
        raise NotFound(f"no service {service_id}")
    return as_json(whole(found))


def _shown(service: PublishedService, short: bool) -> dict[str, Any]:
    return as_json(minimal(service) if short else whole(service))
