"""The effects of a provider's reports on a payment: its state, and its reservation in the ledger.

Every report has one effect, repeats what is recorded, or contradicts it. A bank announces one booking in several
messages (`ACSC` in a pain.002, a debit in a camt.054 and in a camt.053): each of them has it once. A second debit, or a
second return, in the same kind of message is another booking, unless the bank's reference shows that it is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple, TypeVar

from cash.accounting.ledger.rules import TransferKind
from cash.delivery.payments.rules import Contradiction, PaymentState, state_after_report
from cash.engines.bank_messages.reports import PaymentReport
from cash.engines.bank_messages.statuses import ReportedStatus, reported_status
from cash.engines.money import Money

K = TypeVar("K")
_S = PaymentState
DELIVERED_STATES = frozenset({_S.DELIVERED, _S.PARTIAL})
NEVER_SENT_STATES = frozenset({_S.PLANNED, _S.RESERVED, _S.CANCELLED})
_STATES = {
    ReportedStatus.SENT: _S.SENT,
    ReportedStatus.ACCEPTED: _S.ACCEPTED,
    ReportedStatus.DELIVERED: _S.DELIVERED,
    ReportedStatus.RETURNED: _S.RETURNED,
    ReportedStatus.FAILED: _S.REJECTED,
    ReportedStatus.UNKNOWN: _S.UNKNOWN,
}
STATUS_REPORT, STATEMENT = "pain.002", "camt.053"
_BOOKINGS = {ReportedStatus.DELIVERED: "debit", ReportedStatus.RETURNED: "return"}


class BookedEntry(NamedTuple):
    """An entry that was applied to a payment: the message, `debit` or `return`, and the bank's reference of it."""

    message: str
    kind: str
    booking: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A new state of a payment; `reason` is the provider's code.

    `resolution` is the transfer that ends its reservation. `is_late_return`: it was delivered before, and is now owed
    to the household again.
    """

    state: PaymentState
    delivered_amount: int = 0
    resolution: TransferKind | None = None
    is_late_return: bool = False
    reason: str | None = None

    @property
    def has_transfer(self) -> bool:
        """True where the outcome has a transfer in the ledger."""
        return self.resolution is not None or self.is_late_return


@dataclass(slots=True)
class ReportedPayment:
    """A payment while the reports of one file are applied to it, one after the other.

    `order` is the message id of its order, `entries` are those that earlier files applied. After `apply`: `outcomes`
    are its new states in their order, `added` the entries of this file, `is_settled` is true where a statement has it.
    """

    state: PaymentState
    entitled: Money
    delivered_amount: int = 0
    order: str | None = None
    entries: tuple[BookedEntry, ...] = ()
    outcomes: list[Outcome] = field(default_factory=list)
    added: list[BookedEntry] = field(default_factory=list)
    is_settled: bool = False

    def apply(self, message: str, report: PaymentReport) -> None:
        """Apply one report of a `message` (`pain.002`). Raises Contradiction, and then changes nothing."""
        status = reported_status(message, report)
        if status is None:
            return
        self._require_own(message, report, status)
        if self._is_known_entry(message, report, status):
            return
        outcome = self._outcome(report, status)
        if outcome is not None:
            self._add(replace(outcome, reason=report.reason))
        if message != STATUS_REPORT and status in _BOOKINGS:
            self.added.append(BookedEntry(message, _BOOKINGS[status], report.booking))
            self.is_settled |= message == STATEMENT and status is ReportedStatus.DELIVERED

    def _require_own(self, message: str, report: PaymentReport, status: ReportedStatus) -> None:
        if self.state in NEVER_SENT_STATES:
            raise Contradiction(
                f"The provider reported «{_STATES[status]}», but the payment was never sent: it is «{self.state}»."
            )
        if report.fault is not None:
            raise Contradiction(report.fault)
        if report.order != self.order and (message == STATUS_REPORT or report.order is not None):
            raise Contradiction("The report answers another order than the one that contains this payment.")

    def _is_known_entry(self, message: str, report: PaymentReport, status: ReportedStatus) -> bool:
        """Return True for a booking that an earlier file of the same kind has. Raises Contradiction for another one."""
        kind = _BOOKINGS.get(status)
        if message == STATUS_REPORT or kind is None:
            return False
        earlier = {each.booking for each in self.entries if (each.message, each.kind) == (message, kind)}
        if report.booking is not None and report.booking in earlier:
            return True
        if earlier or any((each.message, each.kind) == (message, kind) for each in self.added):
            raise Contradiction(f"The provider booked a second {kind} of this payment.")
        return False

    def _outcome(self, report: PaymentReport, status: ReportedStatus) -> Outcome | None:
        reported, amount = _STATES[status], 0
        if reported is _S.DELIVERED:
            amount = _delivered_amount(report, self.entitled)
            reported = _S.DELIVERED if amount == self.entitled.minor else _S.PARTIAL
            if self.state in DELIVERED_STATES and amount != self.delivered_amount:
                recorded = Money(self.delivered_amount, self.entitled.currency)
                now = Money(amount, self.entitled.currency)
                raise Contradiction(f"The provider reported {now}, but {recorded} is recorded as delivered.")
        elif reported is _S.RETURNED:
            self._require_whole_return(report)
        after = state_after_report(self.state, reported)
        if after is self.state:
            return None
        if after in DELIVERED_STATES:
            return Outcome(after, amount, TransferKind.POST)
        if after is _S.RETURNED and self.state in DELIVERED_STATES:
            return Outcome(after, is_late_return=True)
        if after is _S.RETURNED:
            return Outcome(after, resolution=TransferKind.VOID)
        return Outcome(after)

    def _require_whole_return(self, report: PaymentReport) -> None:
        paid = self.delivered_amount if self.state in DELIVERED_STATES else self.entitled.minor
        if _delivered_amount(report, self.entitled) != paid and report.amount is not None:
            raise Contradiction(
                f"The provider returned {report.amount} {report.currency}, but the payment was "
                f"{Money(paid, self.entitled.currency)}."
            )

    def _add(self, outcome: Outcome) -> None:
        """Add an outcome. One that moved no money is replaced: only the last of them matters."""
        if self.outcomes and not self.outcomes[-1].has_transfer:
            self.outcomes.pop()
        self.outcomes.append(outcome)
        self.state, self.delivered_amount = outcome.state, outcome.delivered_amount


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


def waves(payments: Mapping[K, ReportedPayment]) -> list[list[tuple[K, Outcome]]]:
    """Return the outcomes of payments so that no wave has a payment twice, each after the one before it.

    There are few waves, however often a payment is repeated: money moves at most twice.
    """
    result: list[list[tuple[K, Outcome]]] = []
    for key, payment in payments.items():
        for number, outcome in enumerate(payment.outcomes):
            if number == len(result):
                result.append([])
            result[number].append((key, outcome))
    return result
