"""The selections of referrals, their steps and decisions."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import Share
from sqlalchemy import Select, select

from referrals.casework.referrals.models import Referral, ReferralDecision, ReferralStep


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


def select_decisions(agency: UUID) -> Select[ReferralDecision]:
    """Select the decisions of an agency."""
    return select(ReferralDecision).where(ReferralDecision.agency == agency)
