"""The effect of a provider's report on a payment."""

from __future__ import annotations

from decimal import Decimal

import pytest
from cash.accounting.ledger.rules import TransferKind as Kind
from cash.delivery.payments.rules import Contradiction, PaymentState
from cash.delivery.status_reports.rules import Outcome, outcome_of, split_repetitions
from cash.engines.bank_messages.reports import Direction, PaymentReport
from cash.engines.money import Money

S = PaymentState
ENTITLED = Money(25_000, "USD")


def report_of(status: str, amount: str | None = None, currency: str | None = "USD", **entry) -> PaymentReport:
    return PaymentReport("id", status, None, Decimal(amount) if amount else None, currency, **entry)


BOOKED = {"direction": Direction.DEBIT}
BACK = {"direction": Direction.CREDIT, "is_return": True}


@pytest.mark.parametrize(
    ("message", "report", "before", "changed"),
    [
        ("pain.002", report_of("ACSP"), S.SENT, Outcome(S.ACCEPTED)),
        ("pain.002", report_of("ACSC"), S.SENT, Outcome(S.DELIVERED, 25_000, Kind.POST)),
        ("pain.002", report_of("RJCT"), S.ACCEPTED, Outcome(S.FAILED, resolution=Kind.VOID)),
        ("pain.002", report_of("BLCK"), S.SENT, Outcome(S.UNKNOWN)),
        (
            "camt.054",
            report_of("BOOK", "250.00", **BOOKED),
            S.UNKNOWN,
            Outcome(S.DELIVERED, 25_000, Kind.POST),
        ),
        ("camt.054", report_of("BOOK", "0.01", **BOOKED), S.SENT, Outcome(S.PARTIAL, 1, Kind.POST)),
        (
            "camt.054",
            report_of("BOOK", "250.00", **BACK),
            S.DELIVERED,
            Outcome(S.RETURNED, is_late_return=True),
        ),
        (
            "camt.054",
            report_of("BOOK", "250.00", **BACK),
            S.ACCEPTED,
            Outcome(S.RETURNED, resolution=Kind.VOID),
        ),
        ("camt.054", report_of("INFO", "250.00", **BOOKED), S.SENT, None),
        ("pain.002", report_of("ACSP"), S.DELIVERED, None),
        ("pain.002", report_of("ACSC"), S.DELIVERED, None),
    ],
)
def test_report_changes_the_state_and_ends_the_reservation(message, report, before, changed):
    assert outcome_of(message, report, before, ENTITLED) == changed


@pytest.mark.parametrize(
    ("message", "report", "before"),
    [
        ("pain.002", report_of("RJCT"), S.DELIVERED),
        ("pain.002", report_of("ACSC"), S.FAILED),
        ("pain.002", report_of("ACSP"), S.PLANNED),
        ("pain.002", report_of("ACSC"), S.RESERVED),
        ("camt.054", report_of("BOOK", "250.01", **BOOKED), S.SENT),
        ("camt.054", report_of("BOOK", "250.00", "COP", **BOOKED), S.SENT),
        ("camt.054", report_of("BOOK", "0.001", **BOOKED), S.SENT),
        ("camt.054", report_of("BOOK", "250.00", **BOOKED), S.PARTIAL),
    ],
)
def test_report_against_the_state_or_the_entitlement_is_a_contradiction(message, report, before):
    with pytest.raises(Contradiction):
        outcome_of(message, report, before, ENTITLED)


@pytest.mark.parametrize(
    ("batch", "parts"),
    [
        ([], []),
        ("abc", ["abc"]),
        ("abcab", ["abc", "ab"]),
        ("aaa", ["a", "a", "a"]),
        ("a-b--a", ["a-b--", "a"]),
    ],
)
def test_second_report_on_a_payment_is_in_the_next_part(batch, parts):
    """Split batches of letters; a dash stands for a report without a payment."""
    found = split_repetitions(batch, lambda each: None if each == "-" else each)
    assert ["".join(part) for part in found] == parts
