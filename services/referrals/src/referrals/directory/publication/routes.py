"""The API that HSDS 3.1 requires: `GET /`, `/services` and `/services/{id}`, with the paging of the standard."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime
from solidary.language.problems import NotFound
from solidary.platform.web import PublicSession, public

from referrals.directory.publication import queries
from referrals.directory.publication.hsds import to_json, to_minimal_service, to_service
from referrals.directory.services.models import PublishedService
from referrals.engines.hsds.api import ApiDescription

router = APIRouter(tags=["hsds"])

PROFILE = "https://docs.openreferral.org/en/3.1/"
LAST_PAGE = 1_000_000


@router.get("/", response_model=dict[str, str])
@public
async def describe_api(request: Request) -> dict[str, Any]:
    """Describe this API, as HSDS requires."""
    openapi = str(request.url_for("openapi"))
    return ApiDescription(version="3.1", profile=PROFILE, openapi_url=openapi).model_dump(mode="json")


@router.get("/services", response_model=dict[str, Any])
@public
async def list_public_services(
    session: PublicSession,
    search: Annotated[str | None, Query(max_length=200)] = None,
    organization_id: UUID | None = None,
    modified_after: AwareDatetime | None = None,
    page: Annotated[int, Query(ge=1, le=LAST_PAGE)] = 1,
    per_page: Annotated[int, Query(ge=1, le=200)] = 50,
    minimal: bool = False,
    format: Literal["json", "ndjson"] = "json",
) -> Any:
    """List the public services by name; a service must match all filters that are given."""
    filters = queries.ServiceFilters(search, organization_id, modified_after)
    total, services = await queries.read_page(session, filters, page, per_page)
    contents = [_to_json(service, minimal=minimal) for service in services]
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
async def read_public_service(session: PublicSession, service_id: UUID) -> dict[str, Any]:
    """Read a public service with all its fields; a confidential one is not found."""
    service = await session.get(PublishedService, service_id)
    if service is None:
        raise NotFound(f"There is no public service {service_id}.")
    return _to_json(service, minimal=False)


def _to_json(service: PublishedService, *, minimal: bool) -> dict[str, Any]:
    return to_json(to_minimal_service(service) if minimal else to_service(service))
