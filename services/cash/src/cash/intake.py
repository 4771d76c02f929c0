"""The client of intake: profiles and payees under a consent, for the agency that the consent names.

Their content is not logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from solidary.platform.clients import Origin, Peer, PeerNotFound, ServiceClients

BATCH_SIZE = 400
"""The number of payees that are read at once, and that one digest of a permit covers.

Intake answers desks meanwhile: what it does for a batch without a pause is in proportion to it.
"""


class HouseholdProfile(BaseModel):
    """A household in codes, as intake returns it. Amounts are per month, in minor units of `currency`.

    `payout_version` is the version of the account, which stays in intake; 0 while none is known. `makers` are those
    who wrote the household's people, needs, account and consent; `account_fingerprint` and `tokens` are keyed tokens of
    the account and of the household's people.
    """

    household_id: UUID
    version: int
    payout_version: int
    size: int
    age_bands: dict[str, int] = {}
    disability: int = 0
    shelter: str | None = None
    area: str
    own_income: int = 0
    other_aid: int = 0
    currency: str
    makers: list[UUID] = []
    is_provisional: bool = False
    account_fingerprint: str | None = None
    account_changed: datetime | None = None
    account_confirmed: bool = False
    tokens: list[str] = []


class Payout(BaseModel):
    """The account, wallet or collection point at which the person is paid."""

    kind: Literal["account", "wallet", "collection"]
    reference: str
    provider: str | None = None


class Payee(BaseModel):
    """A person to be paid. `payout` is absent until the desk has asked for it."""

    package_id: UUID
    household_id: UUID
    name: str
    payout: Payout | None = None
    payout_version: int


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


CONSENT = TypeAdapter(ConsentTerms)
PROFILE = TypeAdapter(HouseholdProfile)


class PayeePermit(BaseModel):
    """A releaser's permission to read the payees of one order."""

    id: UUID


PAYEES = TypeAdapter(list[Payee])
PERMIT = TypeAdapter(PayeePermit)


@dataclass(frozen=True)
class Intake:
    """Intake, called for one agency. Its methods raise the errors of `solidary.platform.clients`."""

    peer: Peer

    @classmethod
    def of(cls, clients: ServiceClients, agency: UUID, origin: Origin) -> Intake:
        """Return intake, called for `agency`. Raises PeerNotConfigured."""
        return cls(clients.peer("intake", agency=agency, origin=origin))

    async def use_consent(self, package: UUID, reference: UUID) -> ConsentTerms | None:
        """Return the terms of a package's consent, and record for which case it is used; None where it has ended.

        `reference` is the id of the referral or of the enrolment.
        """
        body = {"reference": str(reference)}
        try:
            return await self.peer.post(f"/packages/{package}/uses", CONSENT, json=body)
        except PeerNotFound:
            return None

    async def profile(self, household: UUID, package: UUID) -> HouseholdProfile | None:
        """Return a household's profile; None where the consent does not, or no longer, allow it."""
        try:
            return await self.peer.get(f"/profiles/{household}", PROFILE, params={"package_id": str(package)})
        except PeerNotFound:
            return None

    async def permit_payees(self, order: UUID, digests: Sequence[bytes]) -> UUID:
        """Record that the human of this request takes an order with these batches; return the permit's id.

        A digest is the SHA-256 of the ids of the batch's payments and packages, 32 bytes for each payment.
        """
        body = {"reference": str(order), "batches": [digest.hex() for digest in digests]}
        return (await self.peer.post("/payee-permits", PERMIT, json=body)).id

    async def payees(self, permit: UUID, batch: int, payments: Sequence[tuple[UUID, UUID]]) -> list[Payee]:
        """Return the payees of a batch whose consent is in force; each batch once. `payments`: with their packages."""
        asked = [{"payment_id": str(payment), "package_id": str(package)} for payment, package in payments]
        body = {"permit_id": str(permit), "batch": batch, "payments": asked}
        return await self.peer.post("/payees", PAYEES, json=body)
