"""The effect of a provider's report on a payment: its state, and its reservation in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from cash.accounting.ledger.rules import TransferKind
from cash.delivery.payments.rules import Contradiction, PaymentState, state_after_report
from cash.engines.bank_messages.reports import PaymentReport
from cash.engines.bank_messages.statuses import ReportedStatus, reported_status
from cash.engines.money import Money

T = TypeVar("T")
_S = PaymentState
DELIVERED_STATES = frozenset({_S.DELIVERED, _S.PARTIAL})
_STATES = {
    ReportedStatus.SENT: _S.SENT,
    ReportedStatus.ACCEPTED: _S.ACCEPTED,
    ReportedStatus.DELIVERED: _S.DELIVERED,
    ReportedStatus.RETURNED: _S.RETURNED,
    ReportedStatus.FAILED: _S.FAILED,
    ReportedStatus.UNKNOWN: _S.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The new state of a payment.

    `resolution` is the transfer that ends its reservation. `is_late_return`: it was delivered before, and is now owed
    to the household again.
    """

    state: PaymentState
    delivered_amount: int = 0
    resolution: TransferKind | None = None
    is_late_return: bool = False


def outcome_of(message: str, report: PaymentReport, state: PaymentState, entitled: Money) -> Outcome | None:
    """Return the effect of a report in a `message` (`pain.002`); None where it changes nothing.

    Raises Contradiction.
    """
    status = reported_status(message, report)
    if status is None:
        return None
    reported = _STATES[status]
    if state in (_S.PLANNED, _S.RESERVED, _S.CANCELLED):
        explanation = f"The provider reported «{reported}», but the payment was never sent: it is «{state}»."
        raise Contradiction(explanation)
    amount = entitled.minor
    if reported is _S.DELIVERED:
        amount = _delivered_amount(report, entitled)
        reported = _S.DELIVERED if amount == entitled.minor else _S.PARTIAL
    after = state_after_report(state, reported)
    if after is state:
        return None
    if after in DELIVERED_STATES:
        if state in DELIVERED_STATES:
            raise Contradiction(f"The provider reported another delivery, but the payment is «{state}».")
        return Outcome(after, amount, TransferKind.POST)
    if after is _S.RETURNED and state in DELIVERED_STATES:
        return Outcome(after, is_late_return=True)
    if after in (_S.RETURNED, _S.FAILED):
        return Outcome(after, resolution=TransferKind.VOID)
    return Outcome(after)


def split_repetitions(batch: Iterable[T], key: Callable[[T], object]) -> Iterator[list[T]]:
    """Split a batch, in its order, into parts in which no key occurs twice. Items whose key is None do not count.

    The second report on a payment can then be applied after the first.
    """
    part: list[T] = []
    seen: set[object] = set()
    for each in batch:
        if (this := key(each)) is not None and this in seen:
            yield part
            part, seen = [], set()
        part.append(each)
        seen.add(this)
    if part:
        yield part


def is_settlement(message: str, report: PaymentReport) -> bool:
    """Return True where a statement shows the delivery. A notification only announces it."""
    return message == "camt.053" and reported_status(message, report) is ReportedStatus.DELIVERED


def _delivered_amount(report: PaymentReport, entitled: Money) -> int:
    """Return minor units, the whole entitlement where the report has no amount.

    Raises Contradiction for a larger amount or another currency.
    """
    if report.amount is None:
        return entitled.minor
    try:
        paid = Money.from_major(Decimal(report.amount), report.currency or entitled.currency)
    except ValueError as error:
        raise Contradiction(str(error)) from None
    if paid.currency != entitled.currency or not 0 < paid.minor <= entitled.minor:
        raise Contradiction(f"The provider reported {paid}, but the entitlement is {entitled}.")
    return paid.minor
