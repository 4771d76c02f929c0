"""The routes of disclosures: referrals and cash read, for the agency that a consent names."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import CurrentCountry, service_only

from intake.registry.encryption.dependencies import CurrentInstanceKey
from intake.sharing.disclosures import commands
from intake.sharing.disclosures.schemas import (
    ConsentUseIn,
    ConsentUseOut,
    PackageOut,
    PayeeOut,
    PayeesIn,
    PreviewOut,
    ProfileOut,
)

router = APIRouter(tags=["disclosures"])
Receiver = Annotated[UnitOfWork, service_only("referrals", duties=(Duty.PROVIDER, Duty.SOFTWARE_ANSWER))]
User = Annotated[UnitOfWork, service_only("referrals", "cash", read_only=True)]
Cash = Annotated[UnitOfWork, service_only("cash")]
Orderer = Annotated[UnitOfWork, service_only("cash", read_only=True)]


@router.post("/packages/{package_id}/uses")
async def use_consent(unit: User, package_id: UUID, body: ConsentUseIn) -> ConsentUseOut:
    """Confirm that the consent of a package is in force, and record for which case it is used; else 404.

    A repetition for the same case is harmless.
    """
    return ConsentUseOut.model_validate(await commands.use_consent(unit, package_id, body.reference))


@router.get("/packages/{package_id}/preview")
async def read_preview(unit: Receiver, instance_key: CurrentInstanceKey, package_id: UUID) -> PreviewOut:
    """Read the coded facts that a recipient sees before it accepts a referral."""
    return await commands.read_preview(unit, instance_key, package_id)


@router.get("/packages/{package_id}")
async def read_package(unit: Receiver, instance_key: CurrentInstanceKey, package_id: UUID) -> PackageOut:
    """Read a package. Anybody but its recipient, and everybody after the end of the consent, gets 404."""
    return await commands.read_package(unit, instance_key, package_id)


@router.get("/profiles/{household_id}")
async def read_profile(
    unit: Cash,
    instance_key: CurrentInstanceKey,
    country: CurrentCountry,
    household_id: UUID,
    package_id: UUID,
) -> ProfileOut:
    """Read a household in codes, under a consent for cash."""
    return await commands.read_profile(unit, instance_key, country, household_id, package_id)


@router.post("/payees", response_model=list[PayeeOut])
async def read_payees(
    unit: Orderer, instance_key: CurrentInstanceKey, country: CurrentCountry, body: PayeesIn
) -> Response:
    """Read a batch of payees for a payment file, by the permit of a releaser, once.

    Packages without a consent in force are left out. The access log names the releaser.
    """
    content = await commands.read_payees(unit, instance_key, country, body)
    return Response(content, media_type="application/json")
