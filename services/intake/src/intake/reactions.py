"""Reactions to the events of other services: the steps of referrals on timelines, and territorial units."""

from __future__ import annotations

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


@reacts_to(TiuDefined)
async def define_tiu(unit: UnitOfWork, event: TiuDefined) -> None:
    """Record a territorial unit, by which people are counted from now on."""
    await unit.session.merge(Tiu(id=event.tiu_id, label=event.label, area=event.area, cells=event.cells))
