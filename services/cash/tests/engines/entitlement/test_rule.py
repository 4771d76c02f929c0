"""The amounts of a rule, and the definitions that are refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from cash.engines.entitlement.definition import RuleDefinition
from cash.engines.entitlement.formula import Value
from cash.engines.entitlement.rule import Entitlement, InvalidRule, NoAmount, compile_rule
from cash.engines.money import Money, Rounding
from hypothesis import given, settings
from hypothesis import strategies as st
from iso4217 import Currency

COLUMNS = {"size": "whole", "area": "text", "income": "money", "aid": "money", "score": "number"}
BASKET: dict[str, Any] = {
    "version": "B1",
    "example": True,
    "rows": [
        {"size": "1-2", "area": "*", "amount": "180"},
        {"size": "3+", "area": "urban", "amount": "310.50"},
        {"size": "3+", "area": "rural", "amount": "260"},
    ],
}


def rule(amount: dict[str, Any], **more: Any) -> RuleDefinition:
    rounding = {"unit": "0.01", "mode": "half_even"}
    whole = {"name": "R", "version": 1, "currency": "USD", "columns": COLUMNS, "rounding": rounding}
    return RuleDefinition.model_validate({**whole, "amount": amount, **more})


def household(size: int = 4, area: str = "urban", income: str = "0", aid: str = "0") -> dict[str, Value]:
    means = {"income": Fraction(income), "aid": Fraction(aid)}
    return {"size": Fraction(size), "area": area, "score": Fraction("-1.5"), **means}


def given_to(written: RuleDefinition, **values: Any) -> Entitlement:
    return compile_rule(written).calculate(household(**values))


def gap(**more: Any) -> RuleDefinition:
    return rule({"kind": "gap", "basket": BASKET, "less": ["income", "aid"]}, **more)


def flat(amount: str, **more: Any) -> RuleDefinition:
    return rule({"kind": "flat", "amount": amount}, **more)


def by_formula(text: str, **more: Any) -> RuleDefinition:
    return rule({"kind": "formula", "formula": text}, **more)


@pytest.mark.parametrize(
    ("written", "values", "amount"),
    [
        (flat("60"), {}, "60.00"),
        (flat("60", multiplier="1.25"), {}, "75.00"),
        (flat("60", multiplier={"column": "size"}, cap="200"), {"size": 2}, "120.00"),
        (flat("60", multiplier={"column": "size", "at_most": 3}), {"size": 9}, "180.00"),
        (flat("60", multiplier={"column": "size"}, cap="200"), {"size": 9}, "200.00"),
        (rule({"kind": "table", "rows": BASKET["rows"]}), {"size": 3, "area": "rural"}, "260.00"),
        (by_formula("40 + 12.5 * size"), {}, "90.00"),
        (by_formula("100 / 3"), {}, "33.33"),
        (by_formula("score * size"), {}, "0.00"),
        (gap(), {"income": "120.25", "aid": "40"}, "150.25"),
        (gap(), {"income": "400"}, "0.00"),
        (gap(cap="250"), {}, "250.00"),
    ],
)
def test_amounts(written: RuleDefinition, values: dict[str, Any], amount: str) -> None:
    assert str(given_to(written, **values).amount.major) == amount


@given(
    st.integers(1, 12),
    st.sampled_from(["urban", "rural"]),
    st.decimals(0, 500, places=2),
    st.decimals(0, 500, places=2),
    st.integers(0, 400),
)
def test_gap_agrees_with_its_definition(
    size: int, area: str, income: Decimal, aid: Decimal, cap: int
) -> None:
    basket = Decimal("180") if size < 3 else Decimal("310.50") if area == "urban" else Decimal("260")
    given_amount = given_to(gap(cap=str(cap)), size=size, area=area, income=str(income), aid=str(aid)).amount
    assert given_amount.major == max(0, min(cap, basket - income - aid))


PAYABLE = sorted(c.code for c in Currency if c.exponent is not None)


@settings(deadline=None)
@given(
    st.sampled_from(PAYABLE),
    st.integers(1, 5000),
    st.sampled_from(Rounding),
    st.integers(1, 60),
    st.integers(0, 10**9),
)
def test_in_every_currency_the_parts_are_payable_and_sum_to_the_whole(
    currency: str, unit: int, mode: Rounding, parts: int, thirds: int
) -> None:
    smallest = str(Money(unit, currency).major.normalize())
    rounding = {"unit": smallest, "mode": mode}
    written = by_formula(f"{thirds} / 3", currency=currency, rounding=rounding, split={"parts": parts})
    entitlement = given_to(written)
    assert len(entitlement.parts) == parts
    assert sum(part.minor for part in entitlement.parts) == entitlement.amount.minor
    assert all(part.minor % unit == 0 and part.minor >= 0 for part in entitlement.parts)
    assert abs(entitlement.amount.major - Decimal(thirds) / 3) <= Decimal(smallest)


def test_rounding_up_never_passes_the_cap() -> None:
    rounding = {"unit": "50", "mode": "up"}
    assert given_to(flat("101", cap="150", rounding=rounding)).amount == Money(15000, "USD")
    with pytest.raises(InvalidRule, match="/cap: The cap is not a multiple of the rounding unit"):
        compile_rule(flat("101", cap="140", rounding=rounding))


def test_parts_follow_their_weights() -> None:
    rounding = {"unit": "1", "mode": "down"}
    split = {"weights": ["0.5", "0.25", "0.25"]}
    parts = given_to(flat("75", rounding=rounding, split=split)).parts
    assert [str(part.major) for part in parts] == ["37.00", "19.00", "19.00"]


def test_every_step_is_described_in_both_languages() -> None:
    written = gap(cap="250", rounding={"unit": "1", "mode": "down"}, multiplier="1.5", split={"parts": 2})
    steps = given_to(written, income="120.25", aid="40").steps
    assert [step.describe("en") for step in steps] == [
        'basket B1 (example), for area "urban", size 4: 310.5',
        "less income, 120.25: 190.25",
        "less aid, 40: 150.25",
        "times 1.5: 225.375",
        "rounded down to units of 1: 225.00 USD",
        "in parts: 113.00 + 112.00",
    ]
    assert [step.describe("es") for step in steps][-2:] == [
        "redondeado hacia abajo a unidades de 1: 225.00 USD",
        "en partes: 113.00 + 112.00",
    ]


def test_formula_in_steps_shows_each_step_and_its_values() -> None:
    steps = [
        {"name": "more", "formula": "max(0, size - 3)"},
        {"name": "large", "formula": "more > 0 && area == 'urban'"},
    ]
    text = "large ? basket / 3 + 10 * more : 0"
    amount = {"kind": "formula", "formula": text, "steps": steps, "basket": BASKET}
    described = [step.describe("en") for step in given_to(rule(amount)).steps]
    assert described[1:] == [
        "more = max(0, size - 3) = max(0, 4 - 3) = 1",
        """large = more > 0 && area == 'urban' = 1 > 0 && "urban" == 'urban' = true""",
        f"{text} = true ? 310.5 / 3 + 10 * 1 : 0 = 113.5",
    ]


@pytest.mark.parametrize(
    ("written", "pointer", "reason"),
    [
        (flat("1", currency="XAU"), "/currency", "no minor unit"),
        (flat("1", currency="ABC"), "/currency", "has no currency"),
        (flat("1", rounding={"unit": "0.001", "mode": "up"}), "/rounding/unit", "finer"),
        (flat("1", cap="0.005"), "/cap", "finer"),
        (flat("1", multiplier={"column": "area"}), "/multiplier/column", "not a column of numbers"),
        (flat("1", split={}), "/split", "Give either parts or weights."),
        (flat("1", split={"parts": 2, "weights": [1]}), "/split", "Give either parts or weights."),
        (flat("1", split={"weights": [0, 0]}), "/split/weights", "positive"),
        (by_formula("siz"), "/amount/formula", "line 1, column 1: The name 'siz' is unknown."),
        (
            rule({"kind": "formula", "formula": "1", "steps": [{"name": "size", "formula": "1"}]}),
            "/amount/steps/0/name",
            "already in use",
        ),
        (
            rule({"kind": "formula", "formula": "1", "steps": [{"name": "a", "formula": "b"}]}),
            "/amount/steps/0/formula",
            "The name 'b' is unknown.",
        ),
        (
            rule({"kind": "gap", "basket": BASKET, "less": ["score"]}),
            "/amount/less/0",
            "not a column of money",
        ),
        (
            rule({"kind": "gap", "basket": BASKET | {"example": False}, "less": ["aid"]}),
            "/amount/basket",
            "who endorsed it",
        ),
    ],
)
def test_inapplicable_rule_is_refused_with_a_pointer(
    written: RuleDefinition, pointer: str, reason: str
) -> None:
    with pytest.raises(InvalidRule) as refusal:
        compile_rule(written)
    assert refusal.value.pointer == pointer
    assert reason in refusal.value.reason


@pytest.mark.parametrize(
    ("rows", "pointer", "reason"),
    [
        (
            [{"size": "1-3", "amount": 1}, {"size": "3+", "amount": 2}],
            "/amount/rows/1",
            "may apply to the same household",
        ),
        (
            [{"area": "*", "amount": 1}, {"area": "rural", "amount": 2}],
            "/amount/rows/1",
            "may apply to the same household",
        ),
        ([{"size": "3-1", "amount": 1}], "/amount/rows/0/size", "is not 4"),
        ([{"size": "few", "amount": 1}], "/amount/rows/0/size", "is not 4"),
        ([{"area": 7, "amount": 1}], "/amount/rows/0/area", "is not a text"),
        ([{"age": "1", "amount": 1}], "/amount/rows/0/age", "The column is unknown."),
        (
            [{"size": "1", "amount": 1}, {"amount": 2}],
            "/amount/rows/1",
            "Every row needs exactly these columns: ",
        ),
        ([{"size": "1", "amount": "1_5"}], "/amount/rows/0/amount", "is not an amount"),
        ([{"size": "1", "amount": "1.500"}], "/amount/rows/0/amount", "1.500 may be 1.5 or 1500"),
        ([{"size": "1.000-2.000", "amount": 1}], "/amount/rows/0/size", "1.000 may be 1 or 1000"),
        ([{"size": "1", "amount": -1}], "/amount/rows/0/amount", "is not an amount"),
    ],
)
def test_contradictory_table_is_refused(rows: list[dict[str, Any]], pointer: str, reason: str) -> None:
    with pytest.raises(InvalidRule) as refusal:
        compile_rule(rule({"kind": "table", "rows": rows}))
    assert refusal.value.pointer == pointer
    assert reason in refusal.value.reason


def test_household_without_a_matching_row_has_no_amount() -> None:
    with pytest.raises(NoAmount, match="No row"):
        given_to(rule({"kind": "table", "rows": BASKET["rows"]}), area="coast")


def test_formula_that_divides_by_zero_gives_no_amount() -> None:
    with pytest.raises(NoAmount, match="divides by zero"):
        given_to(by_formula("100 / income"))
