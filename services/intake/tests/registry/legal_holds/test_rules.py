"""The changes of legal holds that the outcomes of payments bring."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

from intake.registry.legal_holds.rules import PaymentOutcome, changes_by_outcomes

MOTHER, FATHER, NEIGHBOUR = uuid4(), uuid4(), uuid4()
AUDIT_UNTIL = date(2033, 12, 31)


def outcome(*people, is_delivered=True):
    return PaymentOutcome(uuid4(), people, datetime(2026, 11, 30, tzinfo=UTC), is_delivered=is_delivered)


def changes(*outcomes, **open_payments):
    people = {"mother": MOTHER, "father": FATHER}
    return changes_by_outcomes(
        outcomes, {people[name]: count for name, count in open_payments.items()}, audit_years=7
    )


def test_delivered_payment_holds_the_payee_and_is_no_longer_open():
    delivered = outcome(MOTHER, FATHER)
    changed = changes(delivered, mother=1)
    assert changed.records == {(MOTHER, delivered.payment_id): AUDIT_UNTIL}
    assert changed.no_longer_open == {MOTHER}


def test_failed_payment_is_no_longer_open_and_needs_no_audit():
    changed = changes(outcome(MOTHER, is_delivered=False), mother=1)
    assert (changed.records, changed.no_longer_open) == ({}, {MOTHER})


def test_one_outcome_proves_nothing_about_several_open_payments():
    delivered = outcome(MOTHER, FATHER)
    for open_payments, held in (({"mother": 1, "father": 1}, {MOTHER, FATHER}), ({"mother": 2}, {MOTHER})):
        changed = changes(delivered, **open_payments)
        assert changed.no_longer_open == set()
        assert changed.records.keys() == {(person, delivered.payment_id) for person in held}


def test_delivered_payment_of_an_unknown_payee_holds_everybody():
    delivered = outcome(MOTHER, FATHER)
    changed = changes(delivered)
    assert changed.records.keys() == {(person, delivered.payment_id) for person in (MOTHER, FATHER)}
    assert changed.no_longer_open == set()


def test_outcomes_of_one_batch_take_effect_one_after_the_other():
    first, second, other = outcome(MOTHER, FATHER), outcome(MOTHER, FATHER), outcome(NEIGHBOUR)
    changed = changes(first, second, other, first, mother=1)
    assert changed.no_longer_open == {MOTHER}
    assert changed.records.keys() == {
        (MOTHER, first.payment_id),
        (FATHER, first.payment_id),
        (MOTHER, second.payment_id),
        (FATHER, second.payment_id),
        (NEIGHBOUR, other.payment_id),
    }
