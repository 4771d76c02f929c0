"""The selections of referrals, their steps and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from solidary.language.problems import NotFound
from solidary.platform.database import Share, UnitOfWork
from solidary.platform.external_ids import with_external_ids
from sqlalchemy import Select, select

from referrals.casework.referrals.models import Referral, ReferralDecision, ReferralStep
from referrals.casework.referrals.rules import CASH_STATES, ReferralState
from referrals.casework.referrals.schemas import (
    CashReferralOut,
    ReceivedReferralOut,
    ReferralOut,
    SentReferralOut,
)

R = TypeVar("R", bound=ReferralOut)


async def show(unit: UnitOfWork, referral: Referral) -> SentReferralOut | ReceivedReferralOut:
    """Return a referral as the acting agency may see it, with that agency's identifiers of it."""
    if referral.agency == unit.principal.agency:
        return (await show_all(unit, [SentReferralOut.model_validate(referral)]))[0]
    return (await show_all(unit, [ReceivedReferralOut.model_validate(referral)]))[0]


async def show_all(unit: UnitOfWork, referrals: Sequence[R]) -> list[R]:
    """Return referrals with the acting agency's identifiers of them."""
    return await with_external_ids(unit, "referral", {each.referral_id: each for each in referrals})


def select_sent(agency: UUID, person_id: UUID | None = None) -> Select[Referral]:
    """Select the referrals that an agency sent, and its drafts."""
    own = select(Referral).where(Referral.agency == agency)
    return own if person_id is None else own.where(Referral.person_id == person_id)


def select_received(agency: UUID) -> Select[Referral]:
    """Select the referrals sent to an agency, from the shares through which it sees them."""
    shared = select(Share.root).where(Share.agency == agency, Share.reason == "referral")
    return select(Referral).where(Referral.id.in_(shared), Referral.receiver == agency)


def select_steps(referral: Referral) -> Select[ReferralStep]:
    """Select the steps of a referral, the oldest first."""
    own = select(ReferralStep).where(ReferralStep.agency == referral.agency, ReferralStep.root == referral.id)
    return own.order_by(ReferralStep.created, ReferralStep.id)


async def read_cash_referral(unit: UnitOfWork, referral_id: UUID) -> CashReferralOut:
    """Return an accepted cash referral of the acting agency as its sender. Raises NotFound for any other."""
    referral = await unit.get(Referral, referral_id)
    is_accepted = referral.purpose == "cash" and referral.state in CASH_STATES
    if not is_accepted or referral.agency != unit.principal.agency:
        raise NotFound(f"There is no accepted referral {referral_id} for cash.")
    accepted = ReferralStep.to_state == ReferralState.ACCEPTED
    step = (await unit.session.scalars(select_steps(referral).where(accepted))).one()
    return CashReferralOut.model_validate(
        {
            "consent_id": referral.consent_id,
            "package_id": referral.package_id,
            "receiver": referral.receiver,
            "accepted_by": step.by_subject,
        }
    )


def select_decisions(agency: UUID) -> Select[ReferralDecision]:
    """Select the decisions of an agency."""
    return select(ReferralDecision).where(ReferralDecision.agency == agency)
