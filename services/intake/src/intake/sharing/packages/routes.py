"""For our own services only: referrals and cash fetch, for the agency that a consent names."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from solidary.platform.database import UnitOfWork
from solidary.platform.web import service_only

from intake.instance import Country, Held
from intake.sharing.packages import commands
from intake.sharing.packages.schemas import PackageOut, PayeeOut, PayeesIn, ProfileOut

router = APIRouter(tags=["packages"])
Recipient = Annotated[UnitOfWork, service_only("referrals", "cash")]
Cash = Annotated[UnitOfWork, service_only("cash")]
Paying = Annotated[UnitOfWork, service_only("cash", read_only=True)]


@router.get("/packages/{package_id}")
async def fetch(unit: Recipient, held: Held, package_id: UUID) -> PackageOut:
    """What the consent lets its recipient know. 404 to anybody else, and once the consent has ended."""
    return await commands.fetch(unit, held, package_id)


@router.get("/profiles/{household_id}")
async def profile(unit: Cash, country: Country, household_id: UUID, package_id: UUID) -> ProfileOut:
    """The household in codes, under a consent for cash."""
    return await commands.profile(unit, country, household_id, package_id)


@router.post("/payees")
async def payees(unit: Paying, held: Held, country: Country, body: PayeesIn) -> list[PayeeOut]:
    """Whom to pay, and where, for a payment file. Packages without a consent in force are left out."""
    return await commands.payees(unit, held, country, body.package_ids)
