"""The definition of an entitlement rule: one JSON object, with a version of its own.

Amounts are strings or JSON numbers in major units ("60.00"); they are read as decimals, never as floats.
`rule.compile_rule` turns a definition into a rule that can be applied.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, WithJsonSchema
from solidary.language.strict import StrictModel

from cash.engines.money import Rounding

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]

AMOUNT_SCHEMA = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "maxLength": 40}]}
Amount = Annotated[
    Decimal, Field(ge=0, max_digits=18, decimal_places=6), WithJsonSchema(AMOUNT_SCHEMA, mode="validation")
]
ColumnType = Literal["whole", "money", "number", "text", "truth"]
ShortText = Annotated[str, Field(min_length=1, max_length=200)]
Formula = Annotated[str, Field(max_length=4_000)]
TableRow = Annotated[dict[Annotated[str, Field(max_length=40)], Any], Field(max_length=40)]
"""Column → the condition on its value: `4`, `"1-3"`, `"7+"`, `"*"` (any), `"urban"`, `true`; and `amount`."""


class _Definition(StrictModel):
    model_config = ConfigDict(frozen=True)


class FlatAmount(_Definition):
    """The same amount for every household."""

    kind: Literal["flat"]
    amount: Amount


class TableAmount(_Definition):
    """An amount by household size, area or other columns: exactly one row applies to a household."""

    kind: Literal["table"]
    rows: Annotated[list[TableRow], Field(min_length=1, max_length=1000)]


class FormulaStep(_Definition):
    """A named intermediate result of a formula; later steps and the formula may use it."""

    name: Name
    formula: Formula


class ExpenditureBasket(_Definition):
    """A minimum expenditure basket: its version, who endorsed it and when, and its amounts.

    A basket that was invented for training has `"example": true`; any other must name its endorser.
    """

    version: ShortText
    endorsed_by: ShortText | None = None
    endorsed_on: date | None = None
    example: bool = False
    rows: Annotated[list[TableRow], Field(min_length=1, max_length=1000)]


class FormulaAmount(_Definition):
    """A formula in CEL over the household's columns, the earlier steps and, where there is one, `basket`."""

    kind: Literal["formula"]
    formula: Formula
    steps: list[FormulaStep] = Field(default=[], max_length=100)
    basket: ExpenditureBasket | None = None


class GapAmount(_Definition):
    """The part of its basket that a household cannot pay itself: max(0, min(cap, basket - own means))."""

    kind: Literal["gap"]
    basket: ExpenditureBasket
    less: Annotated[list[Name], Field(min_length=1, max_length=40)]


class ColumnMultiplier(_Definition):
    """A multiplication by the value of a column, counted up to `at_most`."""

    column: Name
    at_most: Amount | None = None


class AmountRounding(_Definition):
    """The smallest unit that is paid out (COP 1000, USD 0.01), and the direction of rounding to it."""

    unit: Annotated[Amount, Field(gt=0)]
    mode: Rounding


class AmountSplit(_Definition):
    """Instalments: the number of equal ones, or their weights."""

    parts: Annotated[int, Field(ge=1, le=1000)] | None = None
    weights: Annotated[list[Amount], Field(min_length=1, max_length=1000)] | None = None


class RuleDefinition(_Definition):
    """A transfer value rule."""

    name: ShortText
    version: Annotated[int, Field(ge=1, le=10**9)]
    currency: Annotated[str, Field(max_length=3)]
    columns: dict[Name, ColumnType] = Field(default={}, max_length=40)
    amount: Annotated[FlatAmount | TableAmount | FormulaAmount | GapAmount, Field(discriminator="kind")]
    multiplier: Annotated[Amount, Field(gt=0)] | ColumnMultiplier | None = None
    cap: Amount | None = None
    rounding: AmountRounding
    split: AmountSplit | None = None
