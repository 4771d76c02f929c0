"""No type is turned into another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from pydantic import AwareDatetime, Field, ValidationError
from solidary.language.strict import StrictModel
from solidary.language.validation import faults_of
from solidary_testing.inputs import ambiguous_numbers


@dataclass
class Account:
    number: str
    digits: int = 0


class First(StrictModel):
    kind: Literal["first"]
    is_new: bool


class Second(StrictModel):
    kind: Literal["second"]
    count: int


class Everything(StrictModel):
    day: date | None = None
    past: Annotated[date, Field(ge=date(1900, 1, 1))] = date(2000, 1, 1)
    moment: AwareDatetime | None = None
    hour: time | None = None
    count: Annotated[int, Field(ge=0)] = 0
    share: float = 0
    agreed: bool = False
    amount: Annotated[Decimal, Field(max_digits=18, decimal_places=6)] = Decimal(0)
    identifier: UUID | None = None
    name: str = ""
    by_area: dict[str, int] = {}
    account: Account | None = None
    part: Annotated[First | Second, Field(discriminator="kind")] | None = None
    parts: tuple[Second, ...] = ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("day", 0),
        ("day", "0"),
        ("day", "86400"),
        ("day", 86400.0),
        ("day", True),
        ("past", "1e3"),
        ("moment", 0),
        ("moment", "0"),
        ("hour", 5),
        ("hour", "10"),
        ("count", True),
        ("count", "5"),
        ("count", 5.0),
        ("share", True),
        ("share", "0.5"),
        ("agreed", 1),
        ("agreed", "yes"),
        ("amount", True),
        ("amount", "150.000"),
        ("amount", "1_000"),
        ("identifier", 5),
        ("name", 5),
        ("name", None),
        ("by_area/x", True),
        ("account/digits", True),
        ("part/is_new", 1),
        ("parts/0/count", "1"),
    ],
)
def test_value_of_another_type_is_refused_at_its_place(field, value):
    name, *inner = field.split("/")
    nested: dict[str, Any] = {
        "by_area": {"x": value},
        "account": {"number": "1", "digits": value},
        "part": {"kind": "first", "is_new": value},
        "parts": [{"kind": "second", "count": value}],
    }
    document = {name: nested[name] if inner else value}
    with pytest.raises(ValidationError) as refused:
        Everything.model_validate(document)
    assert {fault.pointer for fault in faults_of(refused.value.errors(), document)} == {f"/{field}"}


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("day", "2026-11-30", date(2026, 11, 30)),
        ("hour", "09:00", time(9)),
        ("share", 1, 1.0),
        ("amount", "60.50", Decimal("60.50")),
        ("amount", 60.5, Decimal("60.5")),
        ("identifier", str(UUID(int=1)), UUID(int=1)),
        ("part", {"kind": "second", "count": 2}, Second(kind="second", count=2)),
    ],
)
def test_value_of_its_type_is_kept(field, value, kept):
    assert getattr(Everything.model_validate({field: value}), field) == kept


def test_schema_is_that_of_the_fields():
    properties = Everything.model_json_schema()["properties"]
    assert properties["past"] == {
        "default": "2000-01-01",
        "format": "date",
        "title": "Past",
        "type": "string",
    }
    assert properties["count"]["type"] == "integer"


@given(ambiguous_numbers())
def test_amount_of_two_readings_is_refused_with_both(text):
    with pytest.raises(ValidationError, match=r"may be .* or .*\. Write"):
        Everything.model_validate({"amount": text})
