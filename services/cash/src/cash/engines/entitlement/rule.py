"""An entitlement rule that has been checked, and what it gives a household, step by step.

`max(0, min(cap, base × multiplier))`, rounded to what can be paid, split by largest remainder. The base is
flat, from a table, by a formula, or the gap to a minimum expenditure basket (the gap analysis of WFP's
guidance note *Minimum Expenditure Baskets*, 2020: what a household needs less what it has).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias, cast

from solidary.files.shares import largest_remainder

from cash.engines.entitlement import formula, table
from cash.engines.entitlement.formula import Kind, NoValue, Value, Values
from cash.engines.entitlement.phrases import Step, plain
from cash.engines.entitlement.written import (
    Basket,
    ByFormula,
    ByTable,
    Column,
    Flat,
    Gap,
    Multiplier,
    Row,
    Split,
    WrittenRule,
)
from cash.engines.money import MOST_MINOR, Money, UnknownCurrency, minor_digits, round_to

Base: TypeAlias = Callable[[Values], tuple[Fraction, list[Step]]]


class BadRule(ValueError):
    """A rule refused when it is written. `pointer` is a JSON pointer into it."""

    def __init__(self, reason: str, pointer: str):
        self.reason, self.pointer = reason, pointer
        super().__init__(f"{pointer}: {reason}")


class NoAmount(ValueError):
    """The rule gives this household no amount: no row fits, or it comes to nothing that can be paid."""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What one household is to receive, in how many parts, and how it came about."""

    amount: Money
    parts: tuple[Money, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A checked rule. `columns` are those that a household must have, with what they hold; `unit` is the
    smallest payable amount in minor units; `weights` are those of the parts in which it is paid.
    """

    written: WrittenRule
    columns: Mapping[str, Column]
    base: Base
    unit: int
    weights: Sequence[Fraction]

    def entitle(self, household: Values) -> Entitlement:
        """The household's amount. Raises NoAmount."""
        try:
            exact, steps = self.base(household)
        except (NoValue, table.NoRow) as reason:
            raise NoAmount(str(reason)) from None
        for bounded, step in self._bounds(exact, household):
            exact = bounded
            steps.append(step)
        amount = self._payable(exact)
        if amount.major != exact:
            rounding = self.written.rounding
            steps.append(Step(f"rounded_{rounding.mode}", str(amount), {"unit": plain(rounding.unit)}))
        parts = self._parts(amount)
        if len(parts) > 1:
            shown = " + ".join(str(part.major) for part in parts)
            steps.append(Step("split", str(amount), {"parts": shown}))
        return Entitlement(amount, parts, tuple(steps))

    def _bounds(self, exact: Fraction, household: Values) -> Iterator[tuple[Fraction, Step]]:
        """Each limit that changes the amount, in the order in which they apply."""
        if self.written.multiplier is not None:
            times, step = _multiplier(self.written.multiplier, household)
            exact *= times
            yield exact, Step(step, plain(exact), {"times": plain(times)})
        cap = self.written.cap
        if cap is not None and exact > cap:
            exact = Fraction(cap)
            yield exact, Step("cap", plain(cap))
        if exact < 0:
            yield Fraction(0), Step("floor", "0")

    def _payable(self, exact: Fraction) -> Money:
        currency = self.written.currency
        minor = exact * 10 ** minor_digits(currency)
        payable = Money(round_to(self.unit, minor, self.written.rounding.mode), currency)
        if payable.minor > MOST_MINOR:
            raise NoAmount(f"the amount is more than can be paid, {Money(MOST_MINOR, currency)}")
        return payable

    def _parts(self, whole: Money) -> tuple[Money, ...]:
        units = largest_remainder(whole.minor // self.unit, self.weights)
        return tuple(Money(count * self.unit, whole.currency) for count in units)


def check(written: WrittenRule) -> Rule:
    """The rule, ready to be applied; raises BadRule where it could not be applied to anyone."""
    kinds = {name: _KINDS[column] for name, column in written.columns.items()}
    unit = _minor(written.rounding.unit, written.currency, "/rounding/unit")
    if written.cap is not None and _minor(written.cap, written.currency, "/cap") % unit:
        raise BadRule("the cap is not a payable amount, so rounding could exceed it", "/cap")
    multiplier = written.multiplier
    if isinstance(multiplier, Multiplier) and kinds.get(multiplier.column) is not Kind.NUMBER:
        raise BadRule(f"{multiplier.column!r} is not a column of numbers", "/multiplier/column")
    split = written.split
    if split is not None and (split.parts is None) == (split.weights is None):
        raise BadRule("needs either parts or weights", "/split")
    if split is not None and split.weights is not None and not any(split.weights):
        raise BadRule("at least one weight must be positive", "/split/weights")
    return Rule(written, written.columns, _base(written, kinds), unit, _weights(split))


def _weights(split: Split | None) -> list[Fraction]:
    match split:
        case Split(weights=[*weights]):
            return [Fraction(weight) for weight in weights]
        case Split(parts=int(parts)):
            return [Fraction(1)] * parts
    return [Fraction(1)]


_KINDS: dict[Column, Kind] = {
    "whole": Kind.NUMBER,
    "money": Kind.NUMBER,
    "number": Kind.NUMBER,
    "text": Kind.TEXT,
    "truth": Kind.TRUTH,
}


def _minor(amount: Decimal, currency: str, pointer: str) -> int:
    try:
        return Money.of(amount, currency).minor
    except UnknownCurrency as error:
        raise BadRule(str(error), "/currency") from None
    except ValueError as error:
        raise BadRule(str(error), pointer) from None


def _multiplier(multiplier: Decimal | Multiplier, household: Values) -> tuple[Fraction, str]:
    if isinstance(multiplier, Decimal):
        return Fraction(multiplier), "multiplier"
    value = cast(Fraction, household[multiplier.column])
    if multiplier.at_most is not None and value > multiplier.at_most:
        return Fraction(multiplier.at_most), "multiplier_limited"
    return value, "multiplier"


def _base(written: WrittenRule, kinds: Mapping[str, Kind]) -> Base:
    match written.amount:
        case Flat(amount=amount):
            flat = Fraction(amount)
            return lambda _: (flat, [Step("flat", plain(flat))])
        case ByTable(rows=rows):
            return _by_table(_table(rows, kinds, "/amount/rows"))
        case ByFormula() as by_formula:
            return _by_formula(by_formula, kinds)
        case Gap() as gap:
            for at, name in enumerate(gap.less):
                if written.columns.get(name) != "money":
                    raise BadRule(f"{name!r} is not a column of money", f"/amount/less/{at}")
            return _gap(gap, kinds)


def _table(rows: list[Row], kinds: Mapping[str, Kind], pointer: str) -> table.Table:
    try:
        return table.read(rows, kinds)
    except table.BadRow as error:
        column = f"/{error.column}" if error.column else ""
        raise BadRule(error.reason, f"{pointer}/{error.row}{column}") from None


def _by_table(rows: table.Table, step: str = "table", **facts: str) -> Base:
    def base(household: Values) -> tuple[Fraction, list[Step]]:
        row, amount = rows.find(household)
        keys = ", ".join(f"{name} {shown(household[name])}" for name in rows.columns)
        return amount, [Step(step, plain(amount), {"row": str(row), "keys": keys, **facts})]

    return base


def _basket(basket: Basket, kinds: Mapping[str, Kind]) -> Base:
    if not basket.example and (basket.endorsed_by is None or basket.endorsed_on is None):
        raise BadRule(
            "a basket names who endorsed it and when, or says that it is an example", "/amount/basket"
        )
    version = f"{basket.version} (example)" if basket.example else basket.version
    return _by_table(_table(basket.rows, kinds, "/amount/basket/rows"), "basket", version=version)


def _gap(gap: Gap, kinds: Mapping[str, Kind]) -> Base:
    basket = _basket(gap.basket, kinds)

    def base(household: Values) -> tuple[Fraction, list[Step]]:
        amount, steps = basket(household)
        for name in gap.less:
            means = cast(Fraction, household[name])
            amount -= means
            steps.append(Step("less", plain(amount), {"column": name, "value": plain(means)}))
        return amount, steps

    return base


def _by_formula(written: ByFormula, kinds: Mapping[str, Kind]) -> Base:
    basket = _basket(written.basket, kinds) if written.basket else None
    known = {**kinds, **({"basket": Kind.NUMBER} if basket else {})}
    steps: list[tuple[str, formula.Formula]] = []
    for at, step in enumerate(written.steps):
        if step.name in known:
            raise BadRule(f"{step.name!r} already has a meaning", f"/amount/steps/{at}/name")
        part = _formula(step.formula, known, None, f"/amount/steps/{at}/formula")
        steps.append((step.name, part))
        known[step.name] = part.kind
    steps.append(("", _formula(written.formula, known, Kind.NUMBER, "/amount/formula")))

    def base(household: Values) -> tuple[Fraction, list[Step]]:
        values: dict[str, Value] = dict(household)
        told: list[Step] = []
        if basket:
            values["basket"], told = basket(household)
        for name, part in steps:
            result = values[name] = part.value(values)
            with_values = part.with_values({used: shown(values[used]) for used in part.names})
            facts = {"name": name, "formula": part.text, "with_values": with_values}
            told.append(Step("named" if name else "formula", shown(result), facts))
        return cast(Fraction, result), told

    return base


def _formula(text: str, known: Mapping[str, Kind], gives: Kind | None, pointer: str) -> formula.Formula:
    try:
        return formula.write(text, known, gives)
    except formula.BadFormula as error:
        raise BadRule(str(error), pointer) from None


def shown(value: Value) -> str:
    """A value as a person reads it in a formula."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case _:
            return plain(value)
