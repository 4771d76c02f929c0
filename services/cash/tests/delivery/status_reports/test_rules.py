"""The effect of a provider's report on a payment."""

from __future__ import annotations

from decimal import Decimal

import pytest
from cash.accounting.ledger.rules import TransferKind as Kind
from cash.delivery.payments.rules import Contradiction, PaymentState
from cash.delivery.status_reports.rules import BookedEntry, Outcome, ReportedPayment, waves
from cash.engines.bank_messages.reports import Direction, PaymentReport
from cash.engines.money import Money

S = PaymentState
ENTITLED = Money(25_000, "USD")


def report_of(status: str, amount: str | None = None, currency: str | None = "USD", **entry) -> PaymentReport:
    return PaymentReport(
        "id", status, None, Decimal(amount) if amount else None, currency, order="M", **entry
    )


BOOKED = {"direction": Direction.DEBIT}
BACK = {"direction": Direction.CREDIT, "is_return": True}


@pytest.mark.parametrize(
    ("message", "report", "before", "changed"),
    [
        ("pain.002", report_of("ACSP"), S.SENT, Outcome(S.ACCEPTED)),
        ("pain.002", report_of("ACSC"), S.SENT, Outcome(S.DELIVERED, 25_000, Kind.POST)),
        ("pain.002", report_of("RJCT"), S.ACCEPTED, Outcome(S.REJECTED)),
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
    payment = payment_in(before)
    payment.apply(message, report)
    assert payment.outcomes == ([changed] if changed else [])


def payment_in(state: PaymentState, entries: tuple[BookedEntry, ...] = ()) -> ReportedPayment:
    delivered = {S.DELIVERED: 25_000, S.PARTIAL: 10_000}.get(state, 0)
    return ReportedPayment(state, ENTITLED, delivered, "M", entries)


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
        payment_in(before).apply(message, report)


def test_only_the_last_state_before_a_movement_of_money_is_an_outcome():
    payment = payment_in(S.SENT)
    for status in ("ACSP", "BLCK") * 50:
        payment.apply("pain.002", report_of(status))
    payment.apply("pain.002", report_of("RJCT"))
    assert [each.state for each in payment.outcomes] == [S.REJECTED]
    payment.apply("camt.053", report_of("BOOK", "250.00", **BOOKED))
    payment.apply("camt.053", report_of("BOOK", "250.00", **BACK))
    assert [each.state for each in payment.outcomes] == [S.DELIVERED, S.RETURNED]
    assert waves({"a": payment, "b": payment_in(S.SENT)}) == [
        [("a", payment.outcomes[0])],
        [("a", payment.outcomes[1])],
    ]
    assert payment.is_settled


def test_booking_of_an_earlier_file_is_known_by_its_reference_only():
    known = BookedEntry("camt.053", "debit", "B-1")
    payment = payment_in(S.DELIVERED, (known,))
    payment.apply("camt.053", report_of("BOOK", "250.00", booking="B-1", **BOOKED))
    payment.apply("camt.054", report_of("BOOK", "250.00", booking="N-1", **BOOKED))
    assert payment.added == [BookedEntry("camt.054", "debit", "N-1")]
    for booking in ("B-2", None):
        with pytest.raises(Contradiction, match="a second debit"):
            payment.apply("camt.053", report_of("BOOK", "250.00", booking=booking, **BOOKED))


@pytest.mark.parametrize("amount", ["99.99", "250.00"])
def test_return_of_another_amount_than_was_delivered_is_a_contradiction(amount):
    with pytest.raises(Contradiction, match=r"but the payment was 100\.00 USD"):
        payment_in(S.PARTIAL).apply("camt.054", report_of("BOOK", amount, **BACK))
