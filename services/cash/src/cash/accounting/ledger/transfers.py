"""Transfers: the only way in which money moves, each between two accounts of one currency."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from cash.accounting.ledger.accounts import (
    AVAILABLE,
    CLEARING,
    DELIVERED,
    EXCHANGED,
    FEES,
    GRANTED,
    PAYABLE,
    Account,
)
from cash.engines.money import Money, Rounding, minor_unit_digits, round_to_multiple


class Kind(StrEnum):
    """Single moves money at once. Pending reserves it; post moves all or a part and gives back the rest; void
    gives all back. A pending transfer is resolved once.
    """

    SINGLE = "single"
    PENDING = "pending"
    POST = "post"
    VOID = "void"


class Code(StrEnum):
    """Why money moves."""

    GRANT = "grant"
    PAYMENT = "payment"
    SETTLEMENT = "settlement"
    LATE_RETURN = "late_return"
    WRITE_OFF = "write_off"
    FEE = "fee"
    EXCHANGE = "exchange"


_RESERVED = frozenset({Kind.PENDING, Kind.POST, Kind.VOID})
_AT_ONCE = frozenset({Kind.SINGLE})

#: For each code: by which kinds, from which accounts (debited) to which (credited). A release reserves a
#: payment; delivery posts it, failure voids it. What came back late stays owed to its household: a follow-up
#: plan pays it from there, or it is written off.
MOVEMENTS: dict[Code, tuple[frozenset[Kind], frozenset[tuple[str, str]]]] = {
    Code.GRANT: (_AT_ONCE, frozenset({(GRANTED, AVAILABLE)})),
    Code.PAYMENT: (_RESERVED, frozenset({(AVAILABLE, CLEARING), (PAYABLE, CLEARING)})),
    Code.SETTLEMENT: (_AT_ONCE, frozenset({(CLEARING, DELIVERED)})),
    Code.LATE_RETURN: (_AT_ONCE, frozenset({(CLEARING, PAYABLE), (DELIVERED, PAYABLE)})),
    Code.WRITE_OFF: (_AT_ONCE, frozenset({(PAYABLE, AVAILABLE)})),
    Code.FEE: (_AT_ONCE, frozenset({(AVAILABLE, FEES)})),
    Code.EXCHANGE: (_AT_ONCE, frozenset({(AVAILABLE, EXCHANGED), (EXCHANGED, AVAILABLE)})),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """So many units of `target` for one of `source`, on a day, as published there."""

    source: str
    target: str
    rate: Decimal
    on: date

    def converts(self, money: Money) -> bool:
        return money.currency == self.source and self.rate > 0

    def convert(self, money: Money) -> Money:
        """What the money is worth, to the minor unit (half to even). Raises ValueError for another currency."""
        if not self.converts(money):
            raise ValueError(f"a rate of {self.rate} from {self.source} does not convert {money}")
        digits = minor_unit_digits(self.target) - minor_unit_digits(self.source)
        exact = money.minor * Fraction(self.rate) * Fraction(10) ** digits
        return Money(round_to_multiple(1, exact, Rounding.HALF_EVEN), self.target)


@dataclass(frozen=True, slots=True)
class Transfer:
    """`amount` minor units (more than zero) from `debit` to `credit`.

    `id` is chosen by who asks: the same transfer twice is one transfer. `pending` names the reservation that
    a post or a void resolves, and has its accounts. `linked` names the other half of an exchange, at `rate`.
    """

    id: str
    kind: Kind
    code: Code
    debit: Account
    credit: Account
    amount: int
    plan: str | None = None
    pending: str | None = None
    linked: str | None = None
    rate: Rate | None = None


def exchange(id: str, paid: Money, rate: Rate, budget_line: str) -> tuple[Transfer, Transfer]:
    """Money of a budget line changed at a rate: its two transfers, `<id>:out` and `<id>:in`."""
    bought = rate.convert(paid)
    legs = []
    for end, other, money, names in (
        ("out", "in", paid, (AVAILABLE, EXCHANGED)),
        ("in", "out", bought, (EXCHANGED, AVAILABLE)),
    ):
        debit, credit = (Account(budget_line, money.currency, name) for name in names)
        leg = Transfer(f"{id}:{end}", Kind.SINGLE, Code.EXCHANGE, debit, credit, money.minor)
        legs.append(replace(leg, linked=f"{id}:{other}", rate=rate))
    return legs[0], legs[1]
