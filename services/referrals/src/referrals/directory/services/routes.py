"""The HTTP interface for the entries of agencies; the public interface is `referrals.directory.publication`."""

from __future__ import annotations

from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.external_ids import ExternalId
from solidary.platform.identity import Duty
from solidary.platform.web import (
    CurrentCountry,
    Page,
    UpdatedCursor,
    agency,
    created,
    page_of,
    shared,
    versioned,
    where_given,
)

from referrals.directory.services import commands, queries
from referrals.directory.services.models import DirectoryService
from referrals.directory.services.schemas import (
    DirectoryServiceIn,
    DirectoryServiceOut,
    DirectoryServiceReplacement,
    ServiceCapacityIn,
    ServiceShareIn,
)
from referrals.engines.hsds.services import ServiceStatus
from referrals.engines.suggestion.entries import ServicePurpose

router = APIRouter(prefix="/directory/services", tags=["directory"])
Editor: TypeAlias = Annotated[UnitOfWork, agency(Duty.DIRECTORY_EDITOR)]
Maintainer: TypeAlias = Annotated[UnitOfWork, agency(Duty.DIRECTORY_EDITOR, Duty.SOFTWARE_DIRECTORY)]
Sharing: TypeAlias = Annotated[UnitOfWork, agency(Duty.DIRECTORY_EDITOR, needs_code=True)]
EditorOrProvider: TypeAlias = Annotated[
    UnitOfWork, agency(Duty.DIRECTORY_EDITOR, Duty.PROVIDER, Duty.SOFTWARE_DIRECTORY)
]
Reader: TypeAlias = Annotated[UnitOfWork, shared()]


@router.post("", status_code=201)
async def create_service(
    unit: Maintainer, country: CurrentCountry, body: DirectoryServiceIn, response: Response
) -> DirectoryServiceOut:
    """Create an entry, which is public at once unless it is confidential."""
    service = created(await commands.create_service(unit, country, body), response)
    return await queries.show(unit, service)


@router.get("")
async def list_services(
    unit: Reader,
    cursor: Annotated[UpdatedCursor, Depends()],
    status: ServiceStatus | None = None,
    category: Annotated[str | None, Query(max_length=60)] = None,
    purpose: ServicePurpose | None = None,
    confidential: bool | None = None,
) -> Page[DirectoryServiceOut]:
    """List the entries of your agency, the newest first."""
    wanted = {
        DirectoryService.status: status,
        DirectoryService.category: category,
        DirectoryService.purpose: purpose,
        DirectoryService.confidential: confidential,
    }
    own = where_given(queries.select_own(unit.principal.agency), wanted)
    page = await page_of(unit.session, own, cursor, DirectoryServiceOut.model_validate, by=DirectoryService)
    return page.model_copy(update={"items": await queries.show_all(unit, page.items)})


@router.get("/{service_id}")
@versioned(DirectoryService, ExternalId)
async def read_service(unit: Reader, service_id: UUID) -> DirectoryServiceOut:
    """Read an entry of your agency, or one that is shared with it."""
    return await queries.show(unit, await unit.get(DirectoryService, service_id))


@router.put("/{service_id}")
@versioned(DirectoryService, ExternalId)
async def replace_service(
    unit: Maintainer, country: CurrentCountry, service_id: UUID, body: DirectoryServiceReplacement
) -> DirectoryServiceOut:
    """Replace the whole entry."""
    return await queries.show(unit, await commands.replace_service(unit, country, service_id, body))


@router.put("/{service_id}/capacity")
@versioned(DirectoryService, ExternalId)
async def set_service_capacity(
    unit: EditorOrProvider, service_id: UUID, body: ServiceCapacityIn
) -> DirectoryServiceOut:
    """Set the number of places that are free now."""
    return await queries.show(unit, await commands.set_capacity(unit, service_id, body))


@router.put("/{service_id}/shares/{agency_id}", status_code=204)
async def share_service(unit: Sharing, service_id: UUID, agency_id: UUID, body: ServiceShareIn) -> None:
    """Let another agency see the entry and refer to it."""
    await commands.share_service(unit, service_id, agency_id, body.until)


@router.delete("/{service_id}/shares/{agency_id}", status_code=204)
async def unshare_service(unit: Editor, service_id: UUID, agency_id: UUID) -> None:
    """End the share of the entry with another agency."""
    await commands.unshare_service(unit, service_id, agency_id)
