"""The client of intake: the terms of a consent, asked for when it is used and not kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from solidary.language.problems import Fault, Invalid
from solidary.platform.clients import HumanRequest, PeerNotFound, ServiceClients

TIMEOUT_SECONDS = 5.0


class ConsentTerms(BaseModel):
    """The terms of a consent that is in force. `owner` is the agency that registered the person."""

    consent_id: UUID
    package_id: UUID
    person_id: UUID
    household_id: UUID
    purpose: str
    owner: UUID
    recipient: UUID
    valid_until: datetime | None


TERMS = TypeAdapter(ConsentTerms)


async def use_consent(
    clients: ServiceClients,
    origin: HumanRequest,
    *,
    agency: UUID,
    consent_id: UUID,
    package_id: UUID,
    referral_id: UUID,
) -> ConsentTerms:
    """Ask intake whether a consent of an agency's person is in force, and tell it the referral.

    Raises Invalid where it is not, and the errors of `solidary.platform.clients`.
    """
    try:
        terms = await clients.peer("intake", agency=agency, origin=origin).post(
            f"/packages/{package_id}/uses",
            TERMS,
            json={"reference": str(referral_id)},
            timeout_seconds=TIMEOUT_SECONDS,
        )
    except PeerNotFound:
        reason = "There is no consent in force for this package. Record it in intake first."
        raise Invalid(
            "There is no consent in force for this referral.", Fault("/package_id", reason)
        ) from None
    faults = []
    if terms.consent_id != consent_id:
        faults.append(Fault("/consent_id", "The package belongs to another consent."))
    if terms.owner != agency:
        faults.append(Fault("/consent_id", "Another agency recorded this consent, so only it can refer."))
    if faults:
        raise Invalid("The consent does not cover this referral.", *faults)
    return terms
