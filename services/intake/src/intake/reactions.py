"""Reactions to the events of other services: entries on timelines, and territorial units."""

from __future__ import annotations

from solidary.language.country import load_pack
from solidary.language.events.cash import PaymentDelivered, PaymentFailed
from solidary.language.events.planning import TiuDefined
from solidary.language.events.referrals import (
    ReferralAccepted,
    ReferralCancelled,
    ReferralCompleted,
    ReferralFailed,
    ReferralHeld,
    ReferralRejected,
    ReferralRequested,
    ReferralStarted,
)
from solidary.platform.database import UnitOfWork
from solidary.platform.messaging import reacts_to

from intake.registry.legal_holds.commands import record_payment_outcome
from intake.registry.people.queries import members_of
from intake.registry.timeline.models import add_timeline_entry
from intake.sharing.disclosures.models import find_use
from intake.statistics.demand.models import Tiu

ReferralEvent = (
    ReferralRequested
    | ReferralAccepted
    | ReferralStarted
    | ReferralHeld
    | ReferralRejected
    | ReferralCompleted
    | ReferralFailed
    | ReferralCancelled
)


@reacts_to(ReferralRequested)
@reacts_to(ReferralAccepted)
@reacts_to(ReferralStarted)
@reacts_to(ReferralHeld)
@reacts_to(ReferralRejected)
@reacts_to(ReferralCompleted)
@reacts_to(ReferralFailed)
@reacts_to(ReferralCancelled)
async def record_referral_step(unit: UnitOfWork, event: ReferralEvent) -> None:
    """Add a referral's step to the person's timeline: `referral_requested`, `referral_accepted` and so on."""
    if use := await find_use(unit, event.referral_id):
        kind = f"referral_{event.fact}"
        add_timeline_entry(unit, use.person_id, kind, event.referral_id, at=unit.envelope.time)


@reacts_to(PaymentDelivered)
@reacts_to(PaymentFailed)
async def record_payment(unit: UnitOfWork, event: PaymentDelivered | PaymentFailed) -> None:
    """Add a payment to the timeline of each member of the household.

    A delivered payment may be audited, so its payee cannot be erased for years; a failed one is open no longer.
    For a payment that was never sent, the entry names the reason (`payment_consent_ended` and others), which the
    desk can explain to the person.
    """
    reason = event.not_sent if isinstance(event, PaymentFailed) else None
    if use := await find_use(unit, event.enrolment_id):
        kind = f"payment_{reason or event.fact}"
        people = await members_of(unit, use.household_id)
        for person in people:
            add_timeline_entry(unit, person.id, kind, event.payment_id, at=unit.envelope.time)
        await record_payment_outcome(
            unit,
            [person.id for person in people],
            event.payment_id,
            load_pack(unit.country).data_protection,
            delivered=isinstance(event, PaymentDelivered),
        )


@reacts_to(TiuDefined)
async def define_tiu(unit: UnitOfWork, event: TiuDefined) -> None:
    """Record a territorial unit, by which people are counted from now on."""
    await unit.session.merge(Tiu(id=event.tiu_id, label=event.label, area=event.area, cells=event.cells))
