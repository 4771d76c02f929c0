"""The client of intake: a referral's preview and package, fetched when they are read and not kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from solidary.language.problems import NotFound
from solidary.platform.clients import HumanRequest, Peer, PeerNotFound, ServiceClients
from solidary.platform.database import UnitOfWork

from referrals.casework.referrals import rules
from referrals.casework.referrals.models import Referral
from referrals.casework.referrals.rules import ReferralState
from referrals.casework.referrals.schemas import ReferralPackageOut, ReferralPreviewOut

TIMEOUT_SECONDS = 5.0
CONSENT_ENDED = "The consent for this package has ended. Ask the sender for a new referral."


class IntakePreview(BaseModel):
    """Intake's preview of a package."""

    needs: list[str] | None
    age_band: str | None
    language: str | None


class IntakePackage(BaseModel):
    """The part of intake's package that a receiver reads."""

    person_id: UUID
    data: dict[str, Any]


INTAKE_PREVIEW = TypeAdapter(IntakePreview)
INTAKE_PACKAGE = TypeAdapter(IntakePackage)


async def read_preview(
    unit: UnitOfWork, clients: ServiceClients, origin: HumanRequest, referral_id: UUID
) -> ReferralPreviewOut:
    """Return the coded facts that the consent covers, before or after accepting. Raises as `read_package` does."""
    referral = await _received(unit, referral_id)
    rules.require_readable_preview(ReferralState(referral.state))
    path = f"/packages/{referral.package_id}/preview"
    intake = await _intake(unit, clients, origin)
    try:
        preview = await intake.get(path, INTAKE_PREVIEW, timeout_seconds=TIMEOUT_SECONDS)
    except PeerNotFound:
        raise NotFound(CONSENT_ENDED) from None
    return ReferralPreviewOut(referral_id=referral_id, **preview.model_dump())


async def read_package(
    unit: UnitOfWork, clients: ServiceClients, origin: HumanRequest, referral_id: UUID
) -> ReferralPackageOut:
    """Return what the consent lets the receiver know.

    Raises NotFound for anybody but the receiver and once the consent has ended, NotAllowed before accepting and after
    the end, and the errors of `solidary.platform.clients`.
    """
    referral = await _received(unit, referral_id)
    rules.require_readable_package(ReferralState(referral.state), referral.purpose)
    path = f"/packages/{referral.package_id}"
    intake = await _intake(unit, clients, origin)
    try:
        package = await intake.get(path, INTAKE_PACKAGE, timeout_seconds=TIMEOUT_SECONDS)
    except PeerNotFound:
        raise NotFound(CONSENT_ENDED) from None
    return ReferralPackageOut(referral_id=referral_id, person_id=package.person_id, data=package.data)


async def _received(unit: UnitOfWork, referral_id: UUID) -> Referral:
    referral = await unit.get(Referral, referral_id)
    if referral.receiver is None or referral.receiver != unit.principal.agency:
        raise NotFound(f"There is no referral {referral_id} to your agency.")
    return referral


async def _intake(unit: UnitOfWork, clients: ServiceClients, origin: HumanRequest) -> Peer:
    """Return intake, called for the acting agency. No connection is held meanwhile, for nothing was written."""
    await unit.session.rollback()
    return clients.peer("intake", agency=unit.principal.agency, origin=origin)
