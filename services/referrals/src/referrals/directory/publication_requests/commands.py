"""The commands on publication requests."""

from __future__ import annotations

from uuid import UUID

from solidary.language.problems import NotFound
from solidary.platform.database import UnitOfWork

from referrals.directory.publication_requests.models import PublicationRequest
from referrals.directory.services import commands as services
from referrals.directory.services.models import DirectoryService
from referrals.problems import NothingToConfirm


async def request_publication(unit: UnitOfWork, service_id: UUID, reason: str) -> PublicationRequest:
    """Request the publication of a confidential entry of the acting agency. Raises NotFound, NothingToConfirm."""
    service = await unit.get(DirectoryService, service_id)
    if service.agency != unit.principal.agency:
        raise NotFound(f"There is no service {service_id} of your agency.")
    if not service.confidential:
        raise NothingToConfirm
    request = PublicationRequest(root=service_id, reason=reason)
    unit.add(request)
    await unit.flush()
    await unit.session.refresh(request)
    return request


async def confirm_publication(unit: UnitOfWork, request_id: UUID) -> PublicationRequest:
    """Confirm another person's request, which publishes the entry at once.

    Raises NotFound, NothingToConfirm, OwnPublicationRequest.
    """
    request = await unit.lock(PublicationRequest, request_id)
    if request.confirmed_at is not None:
        raise NothingToConfirm
    request.confirm(unit.principal.subject, unit.now)
    await unit.flush()
    await services.make_public(unit, request.root)
    await unit.flush()
    await unit.session.refresh(request)
    return request
