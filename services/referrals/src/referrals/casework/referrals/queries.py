from __future__ import annotations

from uuid import UUID

from solidary.platform.database import Share
from sqlalchemy import Select, select

from referrals.casework.referrals.models import Decision, Referral, Step


def sent(agency: UUID, person_id: UUID | None = None) -> Select[Referral]:
    """An agency's own referrals."""
    mine = select(Referral).where(Referral.agency == agency)
    return mine if person_id is None else mine.where(Referral.person_id == person_id)


def received(agency: UUID) -> Select[Referral]:
    """Referrals on their way to an agency, from the shares that let it see them."""
    shares = select(Share.root).where(Share.agency == agency, Share.reason == "referral")
    return select(Referral).where(Referral.id.in_(shares), Referral.receiver == agency)


def steps(referral: Referral) -> Select[Step]:
    theirs = select(Step).where(Step.agency == referral.agency, Step.root == referral.id)
    return theirs.order_by(Step.created, Step.id)


def decisions(agency: UUID) -> Select[Decision]:
    return select(Decision).where(Decision.agency == agency)
