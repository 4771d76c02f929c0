"""The client of referrals: what an accepted referral for cash allows, for the agency that sent it."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from solidary.platform.clients import Origin, PeerNotFound, ServiceClients


class CashReferral(BaseModel):
    """An accepted referral for cash: the consent, and the package under which intake answers."""

    consent_id: UUID
    package_id: UUID
    receiver: UUID
    accepted_by: UUID


CASH_REFERRAL = TypeAdapter(CashReferral)


async def read_cash_referral(
    clients: ServiceClients, referral: UUID, *, sender: UUID, origin: Origin
) -> CashReferral | None:
    """Return an accepted referral; None where it is not one for cash, or has ended.

    Raises the errors of `solidary.platform.clients`.
    """
    try:
        return await clients.peer("referrals", agency=sender, origin=origin).get(
            f"/cash-referrals/{referral}", CASH_REFERRAL
        )
    except PeerNotFound:
        return None
