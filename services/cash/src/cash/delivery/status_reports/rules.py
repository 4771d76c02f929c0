"""What a provider's word on a payment changes: its state, and what becomes of its reservation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from cash.accounting.ledger.transfers import Kind
from cash.delivery.payments.rules import Contradiction, PaymentState, follow
from cash.engines.bank_messages.reports import PaymentReport
from cash.engines.bank_messages.statuses import ReportedStatus, reported_status
from cash.engines.money import Money

T = TypeVar("T")
_S = PaymentState
DELIVERIES = frozenset({_S.DELIVERED, _S.PARTIAL})
GIVEN_BACK = frozenset({_S.FAILED, _S.EXPIRED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """A payment's new state. `resolved` ends its reservation; `came_back`: delivered before, owed again now."""

    state: PaymentState
    delivered: int = 0
    resolved: Kind | None = None
    came_back: bool = False


def outcome(message: str, report: PaymentReport, state: PaymentState, entitled: Money) -> Outcome | None:
    """What the report changes; None where nothing. Raises Contradiction."""
    status = reported_status(message, report)
    if status is None:
        return None
    said = PaymentState(status)
    if state in (_S.PLANNED, _S.RESERVED, _S.CANCELLED):
        raise Contradiction(f"reported {said}, but the payment was never sent: it is {state}")
    amount = entitled.minor
    if said is _S.DELIVERED:
        amount = _delivered(report, entitled)
        said = _S.DELIVERED if amount == entitled.minor else _S.PARTIAL
    after = follow(state, said)
    if after is state:
        return None
    if after in DELIVERIES:
        if state in DELIVERIES:
            raise Contradiction(f"another delivery of a payment that is {state}")
        return Outcome(after, amount, Kind.POST)
    if after is _S.RETURNED:
        return Outcome(after, came_back=True) if state in DELIVERIES else Outcome(after, resolved=Kind.VOID)
    return Outcome(after, resolved=Kind.VOID if after in GIVEN_BACK else None)


def each_once(batch: Iterable[T], name: Callable[[T], object]) -> Iterator[list[T]]:
    """The batch in parts, in order, none of which names a thing twice: the second word follows upon the first."""
    part: list[T] = []
    seen: set[object] = set()
    for each in batch:
        if (this := name(each)) is not None and this in seen:
            yield part
            part, seen = [], set()
        part.append(each)
        seen.add(this)
    if part:
        yield part


def settles(message: str, report: PaymentReport) -> bool:
    """Whether a statement shows the delivery; a notice announces it only."""
    return message == "camt.053" and reported_status(message, report) is ReportedStatus.DELIVERED


def _delivered(report: PaymentReport, entitled: Money) -> int:
    """Minor units; the whole where the report names none. Raises Contradiction for more, or other money."""
    if report.amount is None:
        return entitled.minor
    try:
        paid = Money.from_major(Decimal(report.amount), report.currency or entitled.currency)
    except ValueError as error:
        raise Contradiction(str(error)) from None
    if paid.currency != entitled.currency or not 0 < paid.minor <= entitled.minor:
        raise Contradiction(f"reported {paid}, but entitled are {entitled}")
    return paid.minor
