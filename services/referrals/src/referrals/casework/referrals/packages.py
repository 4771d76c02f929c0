"""The client of intake: a referral's package, fetched when it is read and not kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from solidary.language.problems import NotFound
from solidary.platform.clients import HumanRequest, PeerNotFound, ServiceClients
from solidary.platform.database import UnitOfWork

from referrals.casework.referrals import rules
from referrals.casework.referrals.models import Referral
from referrals.casework.referrals.rules import ReferralState
from referrals.casework.referrals.schemas import ReferralPackageOut

TIMEOUT_SECONDS = 5.0


class IntakePackage(BaseModel):
    """The part of intake's package that a receiver reads."""

    person_id: UUID
    data: dict[str, Any]


INTAKE_PACKAGE = TypeAdapter(IntakePackage)


async def read_package(
    unit: UnitOfWork, clients: ServiceClients, origin: HumanRequest, referral_id: UUID
) -> ReferralPackageOut:
    """Return what the consent lets the receiver know.

    Raises NotFound for anybody but the receiver and once the consent has ended, NotAllowed before accepting and after
    the end, and the errors of `solidary.platform.clients`.
    """
    referral = await unit.get(Referral, referral_id)
    receiver, package_id = referral.receiver, referral.package_id
    if receiver is None or receiver != unit.principal.agency:
        raise NotFound(f"There is no referral {referral_id} to your agency.")
    rules.require_readable_package(ReferralState(referral.state), referral.purpose)
    await unit.session.rollback()  # Nothing was written; no connection is held while intake answers.
    intake = clients.peer("intake", agency=receiver, origin=origin)
    try:
        package = await intake.get(f"/packages/{package_id}", INTAKE_PACKAGE, timeout_seconds=TIMEOUT_SECONDS)
    except PeerNotFound:
        raise NotFound("The consent for this package has ended. Ask the sender for a new referral.") from None
    return ReferralPackageOut(referral_id=referral_id, person_id=package.person_id, data=package.data)
