"""Amounts of money, their rounding and their shares."""

from __future__ import annotations

from fractions import Fraction

import pytest
from cash.engines.money import Money, Rounding, UnknownCurrency, minor_unit_digits, round_to_multiple
from hypothesis import given
from hypothesis import strategies as st
from iso4217 import Currency
from solidary.files.apportionment import largest_remainder

PAYABLE = sorted(c.code for c in Currency if c.exponent is not None)
MINOR = st.integers(min_value=-(10**15), max_value=10**15) | st.integers(-(10**60), 10**60)
WEIGHTS = st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=400).filter(any)


@pytest.mark.parametrize(
    ("currency", "digits"),
    [*((code, 2) for code in ("PAB", "USD", "COP", "PEN", "DOP", "TTD")), ("CLP", 0), ("TND", 3), ("CLF", 4)],
)
def test_minor_unit_digits_are_those_of_iso_4217(currency: str, digits: int) -> None:
    assert minor_unit_digits(currency) == digits


@pytest.mark.parametrize("code", ["XAU", "XXX", "usd", "DEM", ""])
def test_gold_and_unknown_currencies_are_refused(code: str) -> None:
    with pytest.raises(UnknownCurrency):
        minor_unit_digits(code)


def test_amount_finer_than_a_cent_is_refused() -> None:
    with pytest.raises(ValueError, match="finer than the minor unit of USD"):
        Money.from_major("1.005", "USD")


def test_money_prints_with_the_decimals_of_its_currency() -> None:
    assert [str(Money(5, c)) for c in ("USD", "CLP", "TND")] == ["0.05 USD", "5 CLP", "0.005 TND"]


@given(MINOR, st.sampled_from(PAYABLE))
def test_money_is_the_same_after_writing_and_reading(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.from_major(str(money.major), currency) == money
    assert "E" not in str(money.major)


@pytest.mark.parametrize(
    ("mode", "rounded"),
    [
        (Rounding.DOWN, (100, 100, 100, 200)),
        (Rounding.UP, (100, 200, 200, 300)),
        (Rounding.HALF_UP, (100, 100, 200, 300)),
        (Rounding.HALF_EVEN, (100, 100, 200, 200)),
    ],
)
def test_rounding_modes(mode: Rounding, rounded: tuple[int, ...]) -> None:
    amounts = (Fraction(100), Fraction("149.9"), Fraction(150), Fraction(250))
    assert tuple(round_to_multiple(100, amount, mode) for amount in amounts) == rounded


@given(st.integers(1, 10**7), st.fractions(), st.sampled_from(Rounding))
def test_rounding_moves_less_than_one_unit_and_lands_on_a_unit(
    unit: int, exact: Fraction, mode: Rounding
) -> None:
    rounded = round_to_multiple(unit, exact, mode)
    assert rounded % unit == 0
    assert abs(rounded - exact) < unit


@given(MINOR, WEIGHTS, st.sampled_from(PAYABLE))
def test_parts_sum_to_the_whole_for_every_currency(minor: int, weights: list[int], currency: str) -> None:
    parts = largest_remainder(minor, weights)
    shown = sum((Fraction(Money(part, currency).major) for part in parts), Fraction(0))
    assert shown == Fraction(Money(minor, currency).major)
