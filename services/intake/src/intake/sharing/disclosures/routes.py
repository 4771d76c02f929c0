"""The routes of disclosures: referrals and cash read, for the agency that a consent names."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import CurrentCountry, service_only

from intake.registry.encryption.dependencies import CurrentInstanceKey
from intake.sharing.disclosures import commands
from intake.sharing.disclosures.schemas import PackageOut, PayeeOut, PayeesIn, ProfileOut

router = APIRouter(tags=["disclosures"])
Receiver = Annotated[UnitOfWork, service_only("referrals", duties=(Duty.PROVIDER,))]
Cash = Annotated[UnitOfWork, service_only("cash")]
Releaser = Annotated[UnitOfWork, service_only("cash", duties=(Duty.CASH_RELEASER,), read_only=True)]


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


@router.post("/payees")
async def read_payees(
    unit: Releaser, instance_key: CurrentInstanceKey, country: CurrentCountry, body: PayeesIn
) -> list[PayeeOut]:
    """Read payees and their payouts for a payment file. Packages without a consent in force are left out."""
    return await commands.read_payees(unit, instance_key, country, body.package_ids)
