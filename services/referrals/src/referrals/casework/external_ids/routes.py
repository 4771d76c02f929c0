"""The HTTP interface of identifiers: what has them, and those of a referral."""

from __future__ import annotations

from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import APIRouter
from solidary.language.external_ids import ExternalIdQuery, ExternalIdsIn
from solidary.platform.database import UnitOfWork
from solidary.platform.external_ids import (
    ExternalId,
    FoundExternalIds,
    find_by_external_ids,
    replace_external_ids,
)
from solidary.platform.identity import Duty
from solidary.platform.web import agency, shared, versioned

from referrals.casework.referrals import queries
from referrals.casework.referrals.models import Referral
from referrals.casework.referrals.schemas import ReceivedReferralOut, SentReferralOut

router = APIRouter(tags=["external-ids"])
_PARTIES = (Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER, Duty.PROVIDER)
Finder: TypeAlias = Annotated[
    UnitOfWork,
    agency(
        *_PARTIES,
        Duty.DIRECTORY_EDITOR,
        Duty.INTEGRATOR,
        Duty.SOFTWARE_READ,
        Duty.SOFTWARE_REFER,
        Duty.SOFTWARE_ANSWER,
        Duty.SOFTWARE_DIRECTORY,
        read_only=True,
    ),
]
EitherParty: TypeAlias = Annotated[UnitOfWork, shared(*_PARTIES, Duty.SOFTWARE_REFER, Duty.SOFTWARE_ANSWER)]


@router.post("/external-ids/find")
async def find_external_ids(unit: Finder, body: ExternalIdQuery) -> FoundExternalIds:
    """Find the services and referrals to which your agency gave these identifiers."""
    return await find_by_external_ids(unit, ("service", "referral"), body.external_ids)


@router.put("/referrals/{referral_id}/external-ids")
@versioned(Referral, ExternalId)
async def replace_referral_external_ids(
    unit: EitherParty, referral_id: UUID, body: ExternalIdsIn
) -> SentReferralOut | ReceivedReferralOut:
    """Replace your agency's identifiers of a referral that it sent or received; the other party sees none of them."""
    referral = await unit.get(Referral, referral_id)
    await replace_external_ids(unit, "referral", referral.id, body.external_ids)
    return await queries.show(unit, referral)
