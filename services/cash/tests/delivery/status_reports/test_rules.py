"""A provider's word, and what it changes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from cash.accounting.ledger.transfers import Kind
from cash.delivery.payments.rules import Contradiction, PaymentState
from cash.delivery.status_reports.rules import Outcome, each_once, outcome
from cash.engines.bank_messages.reports import Direction, PaymentReport
from cash.engines.money import Money

S = PaymentState
ENTITLED = Money(25_000, "USD")


def word(status: str, amount: str | None = None, currency: str | None = "USD", **entry) -> PaymentReport:
    return PaymentReport("id", status, None, Decimal(amount) if amount else None, currency, **entry)


BOOKED = {"direction": Direction.DEBIT}
BACK = {"direction": Direction.CREDIT, "is_return": True}


@pytest.mark.parametrize(
    ("message", "report", "before", "changed"),
    [
        ("pain.002", word("ACSP"), S.SENT, Outcome(S.ACCEPTED)),
        ("pain.002", word("ACSC"), S.SENT, Outcome(S.DELIVERED, 25_000, Kind.POST)),
        ("pain.002", word("RJCT"), S.ACCEPTED, Outcome(S.FAILED, resolved=Kind.VOID)),
        ("pain.002", word("BLCK"), S.SENT, Outcome(S.UNKNOWN)),
        ("camt.054", word("BOOK", "250.00", **BOOKED), S.UNKNOWN, Outcome(S.DELIVERED, 25_000, Kind.POST)),
        ("camt.054", word("BOOK", "0.01", **BOOKED), S.SENT, Outcome(S.PARTIAL, 1, Kind.POST)),
        ("camt.054", word("BOOK", "250.00", **BACK), S.DELIVERED, Outcome(S.RETURNED, came_back=True)),
        ("camt.054", word("BOOK", "250.00", **BACK), S.ACCEPTED, Outcome(S.RETURNED, resolved=Kind.VOID)),
        ("camt.054", word("INFO", "250.00", **BOOKED), S.SENT, None),
        ("pain.002", word("ACSP"), S.DELIVERED, None),
        ("pain.002", word("ACSC"), S.DELIVERED, None),
    ],
)
def test_a_report_changes_the_state_and_ends_the_reservation(message, report, before, changed):
    assert outcome(message, report, before, ENTITLED) == changed


@pytest.mark.parametrize(
    ("message", "report", "before"),
    [
        ("pain.002", word("RJCT"), S.DELIVERED),
        ("pain.002", word("ACSC"), S.FAILED),
        ("pain.002", word("ACSP"), S.PLANNED),
        ("pain.002", word("ACSC"), S.RESERVED),
        ("camt.054", word("BOOK", "250.01", **BOOKED), S.SENT),
        ("camt.054", word("BOOK", "250.00", "COP", **BOOKED), S.SENT),
        ("camt.054", word("BOOK", "0.001", **BOOKED), S.SENT),
        ("camt.054", word("BOOK", "250.00", **BOOKED), S.PARTIAL),
    ],
)
def test_a_report_against_what_is_settled_or_entitled_is_for_a_person_to_look_at(message, report, before):
    with pytest.raises(Contradiction):
        outcome(message, report, before, ENTITLED)


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
def test_a_second_word_on_a_payment_follows_upon_the_first(batch, parts):
    """A dash stands for a report that names no payment."""
    found = each_once(batch, lambda each: None if each == "-" else each)
    assert ["".join(part) for part in found] == parts
