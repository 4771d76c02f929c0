"""The shape of an entitlement rule as it is written down: one JSON object, kept by version.

Amounts are strings or JSON numbers in major units ("60.00"); they are read as decimals, never as floats.
`rule.check` turns the written rule into one that can be applied.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from cash.engines.money import Rounding

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6)]
Column = Literal["whole", "money", "number", "text", "truth"]
Row = dict[str, Any]
"""Column → what it must be: `4`, `"1-3"`, `"7+"`, `"*"` (any), `"urban"`, `true`; and `amount`."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Flat(_Written):
    """The same for everybody."""

    kind: Literal["flat"]
    amount: Amount


class ByTable(_Written):
    """By household size, area, …: exactly one row fits a household."""

    kind: Literal["table"]
    rows: Annotated[list[Row], Field(min_length=1, max_length=1000)]


class Step(_Written):
    """A named intermediate result of a formula; later steps and the formula may use it."""

    name: Name
    formula: str


class Basket(_Written):
    """A minimum expenditure basket: which version, who endorsed it and when, and its amounts.

    An invented basket for training says `"example": true`; any other must name its endorser.
    """

    version: str
    endorsed_by: str | None = None
    endorsed_on: date | None = None
    example: bool = False
    rows: Annotated[list[Row], Field(min_length=1, max_length=1000)]


class ByFormula(_Written):
    """CEL over the household's columns, the earlier steps and, where one is given, `basket`."""

    kind: Literal["formula"]
    formula: str
    steps: list[Step] = []
    basket: Basket | None = None


class Gap(_Written):
    """What a household lacks of its basket: max(0, min(cap, basket - own means))."""

    kind: Literal["gap"]
    basket: Basket
    less: Annotated[list[Name], Field(min_length=1)]


class Multiplier(_Written):
    """Times the value of a column, counted up to `at_most`."""

    column: Name
    at_most: Amount | None = None


class Payable(_Written):
    """The smallest unit that is paid out (COP 1000, USD 0.01), and which way amounts go to reach it."""

    unit: Annotated[Amount, Field(gt=0)]
    mode: Rounding


class Split(_Written):
    """Instalments: how many equal ones, or their weights."""

    parts: Annotated[int, Field(ge=1, le=1000)] | None = None
    weights: Annotated[list[Amount], Field(min_length=1, max_length=1000)] | None = None


class WrittenRule(_Written):
    """A transfer value rule."""

    name: str
    version: Annotated[int, Field(ge=1)]
    currency: str
    columns: dict[Name, Column] = {}
    amount: Annotated[Flat | ByTable | ByFormula | Gap, Field(discriminator="kind")]
    multiplier: Annotated[Amount, Field(gt=0)] | Multiplier | None = None
    cap: Amount | None = None
    rounding: Payable
    split: Split | None = None
