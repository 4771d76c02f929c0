"""The values of formulas, and the formulas that are refused."""

from __future__ import annotations

import sys
from contextlib import suppress
from fractions import Fraction

import celpy
import pytest
from cash.engines.entitlement.formula import DIALECT, Kind, NoValue, Value, compile_formula
from hypothesis import given, settings
from hypothesis import strategies as st
from solidary.files.cel import InvalidExpression

NAMES = {"children": Kind.NUMBER, "income": Kind.NUMBER, "area": Kind.TEXT, "alone": Kind.TRUTH}
HOUSEHOLD: dict[str, Value] = {
    "children": Fraction(3),
    "income": Fraction("45.10"),
    "area": "rural",
    "alone": True,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("40 + 12.5 * children", "77.5"),
        ("0.1 + 0.2", "0.3"),
        ("7 / 2", "3.5"),
        ("100 / 3 * 3", "100"),
        ("children -1", "2"),
        ("-children + 10", "7"),
        ('area == "urban" ? 50 : 30', "30"),
        ('area in ["urban", "rural"] && alone ? 5 : 0', "5"),
        ("!alone || income >= 45.1 ? 1 : 2", "1"),
        ("max(0, min(100, 120 - income))", "74.9"),
        ("floor(income / 10) + ceil(income / 10)", "9"),
        ("children == 3 ? (children != 3 ? 1 : 2) : 3", "2"),
        ("10 // what follows is a comment", "10"),
    ],
)
def test_formula_computes_exactly(text: str, value: str) -> None:
    assert compile_formula(text, NAMES).value(HOUSEHOLD) == Fraction(value)


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("12 * childen", 6, "The name 'childen' is unknown. Known names are: alone, area, children, income."),
        ("12 * area", 6, "This is a text, but a number is needed."),
        ("12 +", 4, "The formula is not valid CEL from here on."),
        ("", 1, "The formula is empty."),
        ("area", 1, "The value is a text"),
        ("children > 2", 1, "The value is a truth"),
        ("children > area ? 1 : 2", 12, "This is a text"),
        ('alone ? 1 : "one"', 13, "This is a text"),
        ('children in ["a"] ? 1 : 2', 14, "This is a text"),
        ("children in children ? 1 : 2", 13, 'After "in" a list is needed'),
        ("1 / 0", 5, "divides by zero"),
        ("children / (2 - 2)", 13, "divides by zero"),
        ("round(children)", 1, "The function round is not available in a formula."),
        ("max()", 1, "at least one number"),
        ("floor(1, 2)", 1, "one number"),
        ("5 + children % 2", 5, "The operator % is not available"),
        ("1e9", 1, "plain decimals"),
        ("0xFF", 1, "plain decimals"),
        ("null", 1, "plain decimals"),
        ("children.years", 1, "Access to a field (a.b) is not available"),
        ("[1]", 1, "A list may stand only after"),
        ("{1: 2}", 1, "A map ({key: value}) is not available"),
    ],
)
def test_invalid_formula_is_refused_with_its_place(text: str, column: int, reason: str) -> None:
    with pytest.raises(InvalidExpression) as refusal:
        compile_formula(text, NAMES)
    assert (refusal.value.line, refusal.value.column) == (1, column)
    assert reason in refusal.value.reason


def test_place_in_a_formula_counts_lines() -> None:
    with pytest.raises(InvalidExpression) as refusal:
        compile_formula("40\n  + 12 * childen", NAMES)
    assert (refusal.value.line, refusal.value.column) == (2, 10)


@pytest.mark.parametrize(
    "text",
    [
        "[1, 2].map(x, [1, 2].map(y, x * y)).size()",
        "[1].all(x, x > 0) ? 1 : 2",
        'area.matches("(a+)+$") ? 1 : 2',
        "+".join("1" * 3000),
        "+".join("1" * (DIALECT.depth + 1)),
        "-" * 500 + "1",
        "!" * 500 + "alone",
        "min(" * 400 + "1" + ")" * 400,
        "alone ? 1 : " * 150 + "2",
        "9" * 2001,
        "1e999999999",
    ],
)
def test_formula_that_may_not_end_or_may_use_up_memory_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpression):
        compile_formula(text, NAMES)


def test_deepest_allowed_formula_has_a_value() -> None:
    text = "min(" * (DIALECT.depth // 2 - 1) + "1" + ")" * (DIALECT.depth // 2 - 1)
    assert compile_formula(text, {}).value({}) == 1


WORDS = [
    "children",
    "area",
    "alone",
    "1",
    "2.5",
    '"x"',
    "true",
    "null",
    "b'x'",
    "0u",
    "min(",
    "f(",
    "in",
    "?",
]
SIGNS = [
    ":",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ".",
    "+",
    "-",
    "*",
    "/",
    "%",
    "!",
    "&&",
    "||",
    "==",
    "<",
    " ",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS + SIGNS), max_size=25).map("".join) | st.text(max_size=30))
def test_every_text_is_a_formula_or_refused(text: str) -> None:
    with suppress(InvalidExpression, NoValue):
        assert isinstance(compile_formula(text, NAMES).value(HOUSEHOLD), Fraction)


def test_household_whose_value_leads_to_division_by_zero_has_no_value() -> None:
    with pytest.raises(NoValue):
        compile_formula("income / (children - 3)", NAMES).value(HOUSEHOLD)


def test_formula_is_shown_with_the_values_of_the_household() -> None:
    formula = compile_formula('area == "children" ? 1 : max(children,\n 2) * children', NAMES)
    shown = {"area": '"rural"', "children": "3"}
    assert formula.with_values(shown) == '"rural" == "children" ? 1 : max(3, 2) * 3'


def _conditions(numbers: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    comparison = st.tuples(numbers, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers).map(
        " ".join
    )
    return (
        comparison
        | comparison.map("!({})".format)
        | st.tuples(comparison, st.sampled_from(["&&", "||"]), comparison).map(" ".join)
        | st.tuples(numbers, numbers, numbers).map(lambda part: "{} in [{}, {}]".format(*part))
    )


NUMBERS = st.recursive(
    st.integers(0, 50).map(str) | st.sampled_from("abc"),
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*"), inner).map(" ".join)
        | inner.map("({})".format)
        | inner.map("-({})".format)
        | st.tuples(_conditions(inner), inner, inner).map(lambda part: "({} ? {} : {})".format(*part))
    ),
    max_leaves=12,
)


def _environment() -> celpy.Environment:
    """Return the library's environment and restore the recursion limit, which the library raises for good."""
    limit = sys.getrecursionlimit()
    environment = celpy.Environment()
    sys.setrecursionlimit(limit)
    return environment


CEL = _environment()


@settings(deadline=None)
@given(NUMBERS, st.fixed_dictionaries({name: st.integers(-9, 9) for name in "abc"}))
def test_integers_compute_as_in_cel(text: str, values: dict[str, int]) -> None:
    """Compare with cel-python's own evaluator: integers without division, because it has no exact decimals."""
    program = CEL.program(CEL.compile(text))
    expected = program.evaluate({name: celpy.celtypes.IntType(value) for name, value in values.items()})
    formula = compile_formula(text, dict.fromkeys("abc", Kind.NUMBER))
    assert formula.value({name: Fraction(value) for name, value in values.items()}) == int(expected)  # type: ignore[arg-type]
