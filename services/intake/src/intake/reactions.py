"""What others tell of a person goes on the person's timeline: that it happened, and where to look it up."""

from __future__ import annotations

from solidary.language.events.cash import PaymentDelivered, PaymentFailed
from solidary.language.events.planning import TiuDefined
from solidary.language.events.referrals import (
    ReferralAccepted,
    ReferralCancelled,
    ReferralCompleted,
    ReferralFailed,
    ReferralHeld,
    ReferralOverdue,
    ReferralRejected,
    ReferralRequested,
    ReferralStarted,
)
from solidary.platform.database import UnitOfWork
from solidary.platform.messaging import reacts_to

from intake.registry.people.queries import members
from intake.registry.timeline.models import note
from intake.statistics.territory.models import Tiu

Referral = (
    ReferralRequested
    | ReferralAccepted
    | ReferralStarted
    | ReferralHeld
    | ReferralRejected
    | ReferralCompleted
    | ReferralFailed
    | ReferralCancelled
    | ReferralOverdue
)


@reacts_to(ReferralRequested)
@reacts_to(ReferralAccepted)
@reacts_to(ReferralStarted)
@reacts_to(ReferralHeld)
@reacts_to(ReferralRejected)
@reacts_to(ReferralCompleted)
@reacts_to(ReferralFailed)
@reacts_to(ReferralCancelled)
@reacts_to(ReferralOverdue)
async def show_on_the_persons_timeline(unit: UnitOfWork, event: Referral) -> None:
    """Each step of a referral: `referral_requested`, `referral_accepted`, …"""
    if await unit.act_for_owner(event.person_id):
        note(unit, event.person_id, f"referral_{event.fact}", event.referral_id, at=unit.envelope.time)


@reacts_to(PaymentDelivered)
@reacts_to(PaymentFailed)
async def show_on_the_households_timelines(unit: UnitOfWork, event: PaymentDelivered | PaymentFailed) -> None:
    """A payment reached the household, or did not: each member's timeline says so.

    Of one that was not sent it says why (`payment_consent_ended`, …), so that the desk can tell the person.
    """
    why = event.not_sent if isinstance(event, PaymentFailed) else None
    if await unit.act_for_owner(event.household_id):
        for person in await members(unit, event.household_id):
            note(unit, person.id, f"payment_{why or event.fact}", event.payment_id, at=unit.envelope.time)


@reacts_to(TiuDefined)
async def know_the_territory(unit: UnitOfWork, event: TiuDefined) -> None:
    """A unit of territory is drawn anew: from now on people are counted by it."""
    await unit.session.merge(Tiu(id=event.tiu_id, label=event.label, area=event.area, cells=event.cells))
