"""The HTTP interface of publication requests."""

from __future__ import annotations

from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency, created

from referrals.directory.publication_requests import commands
from referrals.directory.publication_requests.models import PublicationRequest
from referrals.directory.publication_requests.schemas import PublicationRequestIn, PublicationRequestOut

router = APIRouter(prefix="/directory", tags=["directory"])
Editor: TypeAlias = Annotated[UnitOfWork, agency(Duty.DIRECTORY_EDITOR)]
Confirming: TypeAlias = Annotated[UnitOfWork, agency(Duty.DIRECTORY_EDITOR, needs_code=True)]


@router.post("/services/{service_id}/publication-requests", status_code=201)
async def request_publication(
    unit: Editor, service_id: UUID, body: PublicationRequestIn, response: Response
) -> PublicationRequestOut:
    """Request that a confidential entry becomes public. Another directory editor has to confirm it."""
    request = await commands.request_publication(unit, service_id, body.reason)
    return PublicationRequestOut.model_validate(created(request, response))


@router.get("/publication-requests/{publication_request_id}")
async def read_publication_request(unit: Editor, publication_request_id: UUID) -> PublicationRequestOut:
    """Read a request of your agency."""
    return PublicationRequestOut.model_validate(await unit.get(PublicationRequest, publication_request_id))


@router.post("/publication-requests/{publication_request_id}/confirm")
async def confirm_publication(
    unit: Confirming, publication_request_id: UUID, response: Response
) -> PublicationRequestOut:
    """Confirm the request of another person. The entry is public from now on."""
    request = await commands.confirm_publication(unit, publication_request_id)
    return PublicationRequestOut.model_validate(created(request, response))
