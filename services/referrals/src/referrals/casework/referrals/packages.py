"""The client of intake: a referral's package, fetched when it is read and not kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from solidary.language.problems import NotFound
from solidary.platform.clients import PeerNotFound, ServiceClients

from referrals.casework.referrals.models import Referral
from referrals.casework.referrals.schemas import PackageOut

TIMEOUT_SECONDS = 5.0


class Package(BaseModel):
    """The part of intake's package that a receiver reads."""

    person_id: UUID
    data: dict[str, Any]


PACKAGE = TypeAdapter(Package)


async def fetch(clients: ServiceClients, referral: Referral, receiver: UUID) -> PackageOut:
    """Return what the consent lets the receiver know.

    Raises NotFound once the consent has ended, and the errors of `solidary.platform.clients`.
    """
    intake = clients.peer("intake", agency=receiver)
    try:
        package = await intake.get(
            f"/packages/{referral.package_id}", PACKAGE, timeout_seconds=TIMEOUT_SECONDS
        )
    except PeerNotFound:
        raise NotFound("The consent does not open this package any more.") from None
    return PackageOut(referral_id=referral.id, person_id=package.person_id, data=package.data)
