"""An entitlement rule that can be applied, and a household's entitlement with its calculation.

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

from solidary.files.apportionment import largest_remainder
from solidary.files.cel import InvalidExpression
from solidary.language.problems import json_pointer

from cash.engines.entitlement import formula, table
from cash.engines.entitlement.calculation import CalculationStep, format_number
from cash.engines.entitlement.definition import (
    AmountSplit,
    ColumnMultiplier,
    ColumnType,
    ExpenditureBasket,
    FlatAmount,
    FormulaAmount,
    GapAmount,
    RuleDefinition,
    TableAmount,
    TableRow,
)
from cash.engines.entitlement.formula import Kind, NoValue, Value, Values
from cash.engines.money import (
    MAX_MINOR_UNITS,
    Money,
    UnknownCurrency,
    minor_unit_digits,
    round_to_multiple,
)

Base: TypeAlias = Callable[[Values], tuple[Fraction, list[CalculationStep]]]
Path: TypeAlias = tuple[str | int, ...]
"""A place in a definition; `json_pointer` turns it into a JSON pointer."""


class InvalidRule(ValueError):
    """A definition that could not be applied to any household. `pointer` is the JSON pointer of the place in it."""

    def __init__(self, reason: str, *path: str | int):
        self.reason, self.path = reason, path
        super().__init__(f"{self.pointer}: {reason}")

    @property
    def pointer(self) -> str:
        return json_pointer(self.path)


class NoAmount(ValueError):
    """A household for which the rule has no amount: no row applies, or the result cannot be paid."""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The amount of one household, the parts in which it is paid, and its calculation."""

    amount: Money
    parts: tuple[Money, ...]
    steps: tuple[CalculationStep, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was checked.

    `columns` are those that a household must have, with their types; `unit` is the
    smallest payable amount in minor units; `weights` are those of the parts in which it is paid.
    """

    definition: RuleDefinition
    columns: Mapping[str, ColumnType]
    base: Base
    unit: int
    weights: Sequence[Fraction]

    def calculate(self, household: Values) -> Entitlement:
        """Calculate the household's entitlement. Raises NoAmount."""
        try:
            exact, steps = self.base(household)
        except (NoValue, table.NoRow) as reason:
            raise NoAmount(str(reason)) from None
        for limited, step in self._limits(exact, household):
            exact = limited
            steps.append(step)
        amount = self._round(exact)
        if amount.major != exact:
            rounding = self.definition.rounding
            facts = {"unit": format_number(rounding.unit)}
            steps.append(CalculationStep(f"rounded_{rounding.mode}", str(amount), facts))
        parts = self._split(amount)
        if len(parts) > 1:
            facts = {"parts": " + ".join(str(part.major) for part in parts)}
            steps.append(CalculationStep("split", str(amount), facts))
        return Entitlement(amount, parts, tuple(steps))

    def _limits(self, exact: Fraction, household: Values) -> Iterator[tuple[Fraction, CalculationStep]]:
        """Yield the amount after the multiplier, the cap and the floor, in this order, where they change it."""
        if self.definition.multiplier is not None:
            times, name = _multiplier(self.definition.multiplier, household)
            exact *= times
            yield exact, CalculationStep(name, format_number(exact), {"times": format_number(times)})
        cap = self.definition.cap
        if cap is not None and exact > cap:
            exact = Fraction(cap)
            yield exact, CalculationStep("cap", format_number(cap))
        if exact < 0:
            yield Fraction(0), CalculationStep("floor", "0")

    def _round(self, exact: Fraction) -> Money:
        currency = self.definition.currency
        minor = exact * 10 ** minor_unit_digits(currency)
        payable = Money(round_to_multiple(self.unit, minor, self.definition.rounding.mode), currency)
        if payable.minor > MAX_MINOR_UNITS:
            most = Money(MAX_MINOR_UNITS, currency)
            raise NoAmount(f"The amount is larger than the largest that can be paid, {most}.")
        return payable

    def _split(self, whole: Money) -> tuple[Money, ...]:
        units = largest_remainder(whole.minor // self.unit, self.weights)
        return tuple(Money(count * self.unit, whole.currency) for count in units)


def compile_rule(definition: RuleDefinition) -> Rule:
    """Return the rule of a definition. Raises InvalidRule where it could not be applied to any household."""
    kinds = {name: _KINDS[column] for name, column in definition.columns.items()}
    unit = _minor_units(definition.rounding.unit, definition.currency, "rounding", "unit")
    if definition.cap is not None and _minor_units(definition.cap, definition.currency, "cap") % unit:
        raise InvalidRule(
            "The cap is not a multiple of the rounding unit, so a rounded amount could exceed it.", "cap"
        )
    multiplier = definition.multiplier
    if isinstance(multiplier, ColumnMultiplier) and kinds.get(multiplier.column) is not Kind.NUMBER:
        raise InvalidRule(f"{multiplier.column!r} is not a column of numbers.", "multiplier", "column")
    split = definition.split
    if split is not None and (split.parts is None) == (split.weights is None):
        raise InvalidRule("Give either parts or weights.", "split")
    if split is not None and split.weights is not None and not any(split.weights):
        raise InvalidRule("At least one weight must be positive.", "split", "weights")
    return Rule(definition, definition.columns, _base(definition, kinds), unit, _split_weights(split))


def _split_weights(split: AmountSplit | None) -> list[Fraction]:
    match split:
        case AmountSplit(weights=[*weights]):
            return [Fraction(weight) for weight in weights]
        case AmountSplit(parts=int(parts)):
            return [Fraction(1)] * parts
    return [Fraction(1)]


_KINDS: dict[ColumnType, Kind] = {
    "whole": Kind.NUMBER,
    "money": Kind.NUMBER,
    "number": Kind.NUMBER,
    "text": Kind.TEXT,
    "truth": Kind.TRUTH,
}


def _minor_units(amount: Decimal, currency: str, *path: str) -> int:
    try:
        return Money.from_major(amount, currency).minor
    except UnknownCurrency as error:
        raise InvalidRule(str(error), "currency") from None
    except ValueError as error:
        raise InvalidRule(str(error), *path) from None


def _multiplier(multiplier: Decimal | ColumnMultiplier, household: Values) -> tuple[Fraction, str]:
    """Return the multiplier and the name of its step."""
    if isinstance(multiplier, Decimal):
        return Fraction(multiplier), "multiplier"
    value = cast(Fraction, household[multiplier.column])
    if multiplier.at_most is not None and value > multiplier.at_most:
        return Fraction(multiplier.at_most), "multiplier_limited"
    return value, "multiplier"


def _base(definition: RuleDefinition, kinds: Mapping[str, Kind]) -> Base:
    match definition.amount:
        case FlatAmount(amount=amount):
            flat = Fraction(amount)
            return lambda _: (flat, [CalculationStep("flat", format_number(flat))])
        case TableAmount(rows=rows):
            return _table_base(_read_table(rows, kinds, ("amount", "rows")))
        case FormulaAmount() as by_formula:
            return _formula_base(by_formula, kinds)
        case GapAmount() as gap:
            for at, name in enumerate(gap.less):
                if definition.columns.get(name) != "money":
                    raise InvalidRule(f"{name!r} is not a column of money.", "amount", "less", at)
            return _gap_base(gap, kinds)


def _read_table(rows: list[TableRow], kinds: Mapping[str, Kind], path: Path) -> table.Table:
    try:
        return table.read_table(rows, kinds)
    except table.InvalidRow as error:
        column = (error.column,) if error.column else ()
        raise InvalidRule(error.reason, *path, error.row, *column) from None


def _table_base(rows: table.Table, step: str = "table", **facts: str) -> Base:
    def base(household: Values) -> tuple[Fraction, list[CalculationStep]]:
        row, amount = rows.find(household)
        keys = ", ".join(f"{name} {format_value(household[name])}" for name in rows.columns)
        return amount, [
            CalculationStep(step, format_number(amount), {"row": str(row), "keys": keys, **facts})
        ]

    return base


def _basket_base(basket: ExpenditureBasket, kinds: Mapping[str, Kind]) -> Base:
    if not basket.example and (basket.endorsed_by is None or basket.endorsed_on is None):
        raise InvalidRule(
            "A basket must name who endorsed it and when, or be marked as an example.", "amount", "basket"
        )
    version = f"{basket.version} (example)" if basket.example else basket.version
    rows = _read_table(basket.rows, kinds, ("amount", "basket", "rows"))
    return _table_base(rows, "basket", version=version)


def _gap_base(gap: GapAmount, kinds: Mapping[str, Kind]) -> Base:
    basket = _basket_base(gap.basket, kinds)

    def base(household: Values) -> tuple[Fraction, list[CalculationStep]]:
        amount, steps = basket(household)
        for name in gap.less:
            means = cast(Fraction, household[name])
            amount -= means
            facts = {"column": name, "value": format_number(means)}
            steps.append(CalculationStep("less", format_number(amount), facts))
        return amount, steps

    return base


def _formula_base(definition: FormulaAmount, kinds: Mapping[str, Kind]) -> Base:
    basket = _basket_base(definition.basket, kinds) if definition.basket else None
    known = {**kinds, **({"basket": Kind.NUMBER} if basket else {})}
    formulas: list[tuple[str, formula.Formula]] = []
    for at, step in enumerate(definition.steps):
        if step.name in known:
            raise InvalidRule(f"The name {step.name!r} is already in use.", "amount", "steps", at, "name")
        compiled = _compile(step.formula, known, None, ("amount", "steps", at, "formula"))
        formulas.append((step.name, compiled))
        known[step.name] = compiled.kind
    formulas.append(("", _compile(definition.formula, known, Kind.NUMBER, ("amount", "formula"))))

    def base(household: Values) -> tuple[Fraction, list[CalculationStep]]:
        values: dict[str, Value] = dict(household)
        steps: list[CalculationStep] = []
        if basket:
            values["basket"], steps = basket(household)
        for name, compiled in formulas:
            result = values[name] = compiled.value(values)
            with_values = compiled.with_values({used: format_value(values[used]) for used in compiled.names})
            facts = {"name": name, "formula": compiled.text, "with_values": with_values}
            steps.append(CalculationStep("named" if name else "formula", format_value(result), facts))
        return cast(Fraction, result), steps

    return base


def _compile(text: str, known: Mapping[str, Kind], kind: Kind | None, path: Path) -> formula.Formula:
    try:
        return formula.compile_formula(text, known, kind)
    except InvalidExpression as error:
        raise InvalidRule(str(error), *path) from None


def format_value(value: Value) -> str:
    """Return a value as a person reads it in a formula."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case _:
            return format_number(value)
