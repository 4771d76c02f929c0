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

from intake.registry.legal_holds.rules import HoldKind, audited_until

RECORD_PAYMENTS = """
    WITH payment AS MATERIALIZED (
        SELECT p.*, u.person_id AS payee, u.household_id
        FROM unnest(%(enrolments)b::uuid[], %(payments)b::uuid[], %(kinds)s::text[], %(times)b::timestamptz[],
                %(audited)s::date[]) WITH ORDINALITY AS p (enrolment, id, kind, at, audited_until, number)
        JOIN data.consent_use u ON u.id = p.enrolment AND u.agency = %(agency)s
    ), entry AS (
        INSERT INTO data.timeline_entry (id, root, kind, reference, at)
        SELECT gen_random_uuid(), member.id, payment.kind, payment.id, payment.at
        FROM payment JOIN data.person member
            ON member.household_id = payment.household_id AND member.agency = %(agency)s
        ORDER BY payment.number
    ), audited AS (
        INSERT INTO data.legal_hold (id, root, kind, reference, until)
        SELECT gen_random_uuid(), payee, %(financial_records)s, id, max(audited_until)
        FROM payment WHERE audited_until IS NOT NULL GROUP BY payee, id ORDER BY payee, id
        ON CONFLICT (agency, root, kind, reference)
            DO UPDATE SET until = greatest(legal_hold.until, excluded.until) WHERE legal_hold.lifted IS NULL
    )
    INSERT INTO data.legal_hold (id, root, kind, reference, until, lifted)
    SELECT gen_random_uuid(), payee, %(open_payment)s, id, %(today)s, %(now)s
    FROM payment GROUP BY payee, id ORDER BY payee, id
    ON CONFLICT (agency, root, kind, reference)
        DO UPDATE SET lifted = excluded.lifted WHERE legal_hold.lifted IS NULL
"""
"""Add entries, which may never be about anything restricted, and holds for audits; end the holds of open payments.

An outcome that arrives before its payment is held leaves a lifted hold, so that the payment holds nobody later.
"""


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
    """Record the payments of one agency's households, in their order. One statement."""
    payments = [_payment(envelope) for envelope in envelopes]
    audit_years = load_pack(unit.country).data_protection.audit_years
    values = {
        "agency": unit.principal.agency,
        "enrolments": [payment.enrolment_id for payment in payments],
        "payments": [payment.payment_id for payment in payments],
        "kinds": [_kind(payment) for payment in payments],
        "times": [envelope.time for envelope in envelopes],
        "audited": [
            audited_until(envelope.time, audit_years)
            if isinstance(envelope.event, PaymentDelivered)
            else None
            for envelope in envelopes
        ],
        "financial_records": HoldKind.FINANCIAL_RECORDS.value,
        "open_payment": HoldKind.OPEN_PAYMENT.value,
        "today": unit.today,
        "now": unit.now,
    }
    await unit.execute(RECORD_PAYMENTS, values)


def _kind(payment: PaymentDelivered | PaymentFailed) -> str:
    reason = payment.not_sent if isinstance(payment, PaymentFailed) else None
    return f"payment_{reason or payment.fact}"


def _payment(envelope: Envelope) -> PaymentDelivered | PaymentFailed:
    event = envelope.event
    assert isinstance(event, PaymentDelivered | PaymentFailed)
    return event
