"""The stored records of a programme: its debtor and its entitlement rule.

They hold plain values without constraints: whatever was valid when it was stored stays readable.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeVar, cast

from pydantic import Field
from solidary.language.records import Record

from cash.engines.entitlement.definition import (
    AmountRounding,
    AmountSplit,
    ColumnMultiplier,
    ColumnType,
    ExpenditureBasket,
    FlatAmount,
    FormulaAmount,
    FormulaStep,
    GapAmount,
    RuleDefinition,
    TableAmount,
)
from cash.engines.money import Rounding

T = TypeVar("T")


class DebtorRecord(Record):
    """The party whose account pays, as every payment order names it."""

    version: Literal[1] = 1
    name: str
    account_number: str
    account_type: str | None = None
    bic: str


class BasketRecord(Record):
    """A minimum expenditure basket."""

    version: str
    endorsed_by: str | None = None
    endorsed_on: date | None = None
    example: bool = False
    rows: list[dict[str, Any]]

    @classmethod
    def of(cls, basket: ExpenditureBasket) -> BasketRecord:
        """Return the record of a basket."""
        return cls(
            version=basket.version,
            endorsed_by=basket.endorsed_by,
            endorsed_on=basket.endorsed_on,
            example=basket.example,
            rows=basket.rows,
        )

    def basket(self) -> ExpenditureBasket:
        """Return the basket."""
        return ExpenditureBasket.model_construct(
            version=self.version,
            endorsed_by=self.endorsed_by,
            endorsed_on=self.endorsed_on,
            example=self.example,
            rows=self.rows,
        )


class StepRecord(Record):
    """A named step of a formula."""

    name: str
    formula: str


class AmountRecord(Record):
    """The base of an amount. `kind` is flat, table, formula or gap; the other fields are those that it needs."""

    kind: Literal["flat", "table", "formula", "gap"]
    amount: Decimal | None = None
    rows: list[dict[str, Any]] | None = None
    formula: str | None = None
    steps: tuple[StepRecord, ...] = ()
    basket: BasketRecord | None = None
    less: tuple[str, ...] = ()

    @classmethod
    def of(cls, amount: FlatAmount | TableAmount | FormulaAmount | GapAmount) -> AmountRecord:
        """Return the record of a base."""
        match amount:
            case FlatAmount():
                return cls(kind="flat", amount=amount.amount)
            case TableAmount():
                return cls(kind="table", rows=amount.rows)
            case FormulaAmount():
                return cls(
                    kind="formula",
                    formula=amount.formula,
                    steps=tuple(StepRecord(name=s.name, formula=s.formula) for s in amount.steps),
                    basket=BasketRecord.of(amount.basket) if amount.basket else None,
                )
            case GapAmount():
                return cls(kind="gap", basket=BasketRecord.of(amount.basket), less=tuple(amount.less))

    def base(self) -> FlatAmount | TableAmount | FormulaAmount | GapAmount:
        """Return the base."""
        match self.kind:
            case "flat":
                return FlatAmount.model_construct(kind="flat", amount=_required(self.amount))
            case "table":
                return TableAmount.model_construct(kind="table", rows=_required(self.rows))
            case "formula":
                return FormulaAmount.model_construct(
                    kind="formula",
                    formula=_required(self.formula),
                    steps=[FormulaStep.model_construct(name=s.name, formula=s.formula) for s in self.steps],
                    basket=self.basket.basket() if self.basket else None,
                )
            case "gap":
                basket = _required(self.basket).basket()
                return GapAmount.model_construct(kind="gap", basket=basket, less=list(self.less))


class MultiplierRecord(Record):
    """A multiplier: a number, or a column that is counted up to `at_most`."""

    number: Decimal | None = None
    column: str | None = None
    at_most: Decimal | None = None

    @classmethod
    def of(cls, multiplier: Decimal | ColumnMultiplier) -> MultiplierRecord:
        """Return the record of a multiplier."""
        if isinstance(multiplier, ColumnMultiplier):
            return cls(column=multiplier.column, at_most=multiplier.at_most)
        return cls(number=multiplier)

    def multiplier(self) -> Decimal | ColumnMultiplier:
        """Return the multiplier."""
        if self.column is None:
            return _required(self.number)
        return ColumnMultiplier.model_construct(column=self.column, at_most=self.at_most)


class RoundingRecord(Record):
    """The payable unit and the direction of rounding to it."""

    unit: Decimal
    mode: str


class SplitRecord(Record):
    """The instalments of an amount: a number of equal ones, or their weights."""

    parts: int | None = None
    weights: list[Decimal] | None = None


class RuleRecord(Record):
    """An entitlement rule. `rule_version` is the version that its author gave it."""

    version: Literal[1] = 1
    name: str
    rule_version: int
    currency: str
    columns: dict[str, str] = Field(default_factory=dict)
    amount: AmountRecord
    multiplier: MultiplierRecord | None = None
    cap: Decimal | None = None
    rounding: RoundingRecord
    split: SplitRecord | None = None

    @classmethod
    def of(cls, definition: RuleDefinition) -> RuleRecord:
        """Return the record of a definition."""
        multiplier, split = definition.multiplier, definition.split
        return cls(
            name=definition.name,
            rule_version=definition.version,
            currency=definition.currency,
            columns=dict(definition.columns),
            amount=AmountRecord.of(definition.amount),
            multiplier=None if multiplier is None else MultiplierRecord.of(multiplier),
            cap=definition.cap,
            rounding=RoundingRecord(unit=definition.rounding.unit, mode=definition.rounding.mode),
            split=None if split is None else SplitRecord(parts=split.parts, weights=split.weights),
        )

    def definition(self) -> RuleDefinition:
        """Return the definition, without checking it by the constraints of today's API."""
        split = self.split
        return RuleDefinition.model_construct(
            name=self.name,
            version=self.rule_version,
            currency=self.currency,
            columns=cast("dict[str, ColumnType]", self.columns),
            amount=self.amount.base(),
            multiplier=None if self.multiplier is None else self.multiplier.multiplier(),
            cap=self.cap,
            rounding=AmountRounding.model_construct(
                unit=self.rounding.unit, mode=Rounding(self.rounding.mode)
            ),
            split=None
            if split is None
            else AmountSplit.model_construct(parts=split.parts, weights=split.weights),
        )


def _required(value: T | None) -> T:
    if value is None:
        raise ValueError("The stored rule lacks a field that its kind needs.")
    return value
