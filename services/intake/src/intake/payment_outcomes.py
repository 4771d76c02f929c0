"""The projection of cash's payments: entries on the timelines of households, and the legal holds of payees.

It is a subscriber of its own, so that a bank's answer about many payments does not delay the steps of referrals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from solidary.language.country import load_pack
from solidary.language.events import Envelope
from solidary.language.events.cash import PaymentDelivered, PaymentFailed
from solidary.platform.database import UnitOfWork
from solidary.platform.messaging import projects

from intake.registry.legal_holds.commands import record_payment_outcomes
from intake.registry.legal_holds.rules import PaymentOutcome
from intake.registry.people.queries import member_ids
from intake.registry.timeline.commands import NewEntry, add_timeline_entries
from intake.sharing.disclosures.models import cases_of


@projects(PaymentDelivered, PaymentFailed)
async def record_payments(unit: UnitOfWork, envelopes: Sequence[Envelope]) -> None:
    """Add payments to the timelines of all members of the households, and keep the legal holds of their payees.

    A payment that was delivered or failed is open no longer; a delivered one may be audited, so its payee cannot be
    erased for years. For a payment that was never sent, the entry names the reason (`payment_consent_ended` and
    others), which the desk can explain to the person. The number of statements grows with the agencies that registered
    the payees only.
    """
    owners = await unit.owners_of({_payment(envelope).enrolment_id for envelope in envelopes})
    by_agency = defaultdict(list)
    for envelope in envelopes:
        if (agency := owners.get(_payment(envelope).enrolment_id)) is not None:
            by_agency[agency].append(envelope)
    for agency, own in by_agency.items():
        await unit.act_for(agency)
        await _record(unit, own)
    await unit.leave_scope()


async def _record(unit: UnitOfWork, envelopes: Sequence[Envelope]) -> None:
    """Record the payments of one agency's households, in their order."""
    cases = await cases_of(unit, {_payment(envelope).enrolment_id for envelope in envelopes})
    members = await member_ids(unit, {case.household_id for case in cases.values()})
    entries: list[NewEntry] = []
    outcomes: list[PaymentOutcome] = []
    for envelope in envelopes:
        payment = _payment(envelope)
        case = cases.get(payment.enrolment_id)
        if case is None:
            continue
        reason = payment.not_sent if isinstance(payment, PaymentFailed) else None
        kind = f"payment_{reason or payment.fact}"
        entries += [
            NewEntry(person, kind, payment.payment_id, envelope.time)
            for person in members.get(case.household_id, ())
        ]
        is_delivered = isinstance(payment, PaymentDelivered)
        outcomes.append(
            PaymentOutcome(payment.payment_id, case.person_id, envelope.time, is_delivered=is_delivered)
        )
    await add_timeline_entries(unit, entries)
    await record_payment_outcomes(unit, outcomes, load_pack(unit.country).data_protection)


def _payment(envelope: Envelope) -> PaymentDelivered | PaymentFailed:
    event = envelope.event
    assert isinstance(event, PaymentDelivered | PaymentFailed)
    return event
