"""The client of intake: profiles and payees under a consent, for the agency that the consent names.

None of it is logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from solidary.platform.clients import Peer, PeerNotFound, ServiceClients

from cash.targeting.enrolments.rules import Profile

MOST_PAYEES = 1000
"""The most packages that one request may name."""


class Payout(BaseModel):
    """Where money can reach the person."""

    kind: Literal["account", "wallet", "collection"]
    reference: str
    provider: str | None = None


class Payee(BaseModel):
    """Who is paid and where; `payout` is absent until the desk has asked the person."""

    package_id: UUID
    household_id: UUID
    name: str
    payout: Payout | None = None
    payout_version: int


PROFILE = TypeAdapter(Profile)
PAYEES = TypeAdapter(list[Payee])


@dataclass(frozen=True)
class Intake:
    """Intake, called for one agency. Its methods raise the errors of `solidary.platform.clients`."""

    peer: Peer

    @classmethod
    def of(cls, clients: ServiceClients, agency: UUID) -> Intake:
        """Return intake, called for `agency`. Raises PeerNotConfigured."""
        return cls(clients.peer("intake", agency=agency))

    async def profile(self, household: UUID, package: UUID) -> Profile | None:
        """Return the household in codes; None where the consent does not, or no longer, allow it."""
        try:
            return await self.peer.get(f"/profiles/{household}", PROFILE, params={"package_id": str(package)})
        except PeerNotFound:
            return None

    async def payees(self, packages: Sequence[UUID]) -> list[Payee]:
        """Return the payees whose consent is in force, of at most MOST_PAYEES packages."""
        return await self.peer.post("/payees", PAYEES, json={"package_ids": [str(id_) for id_ in packages]})
