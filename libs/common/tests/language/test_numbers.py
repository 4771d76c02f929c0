"""Numbers are read exactly, or refused with both readings."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solidary.language.numbers import AmbiguousNumber, DecimalMark, parse_number
from solidary_testing.inputs import ambiguous_numbers, written_numbers

MARKS = st.sampled_from(DecimalMark)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("-0.5", Fraction(-1, 2)),
        ("\u22121,5", Fraction(-3, 2)),
        ("0.125", Fraction(1, 8)),
        ("0,014", Fraction(7, 500)),
        ("1.234,56", Fraction(123456, 100)),
        ("1,234.56", Fraction(123456, 100)),
        ("1.234.567", 1234567),
        ("1\u00a0234\u00a0567,5", Fraction(12345675, 10)),
        ("1'234'567", 1234567),
        ("1234.567", Fraction(1234567, 1000)),
        ("12.3456", Fraction(123456, 10000)),
        ("1.500e3", 1500),
        ("1.5E+05", 150000),
        (" 7. ", 7),
        (".5", Fraction(1, 2)),
    ],
)
def test_number_of_one_reading_is_read_exactly(text, number):
    assert parse_number(text) == number


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("150.000", "150.000 may be 150 or 150000. Write 150 or 150000."),
        ("40,000", "40,000 may be 40 or 40000. Write 40 or 40000."),
        ("-12.345", "-12.345 may be -12.3450 or -12345. Write -12.3450 or -12345."),
    ],
)
def test_number_of_two_readings_is_refused_with_both(text, message):
    with pytest.raises(AmbiguousNumber) as refused:
        parse_number(text)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "-",
        "1_000",
        "1/2",
        "nan",
        "Infinity",
        "1.23.456",
        "1,234,56",
        "١٢",
        "0x1",
        "1e9999",
        "1e",
        "1 23",
        "1.23457E+11",
        "12 USD",
    ],
)
def test_text_that_is_no_number_is_refused_as_it_was_written(text):
    with pytest.raises(ValueError, match=r"not a number|rounded by a spreadsheet") as refused:
        parse_number(text)
    assert text[:90] in str(refused.value)


@given(written_numbers())
def test_every_usual_way_of_writing_a_number_with_cents_is_read(written):
    text, hundredths, _ = written
    assert parse_number(text) == Fraction(hundredths, 100)


@given(ambiguous_numbers(), MARKS)
def test_stated_mark_decides_between_two_readings(text, mark):
    with pytest.raises(AmbiguousNumber):
        parse_number(text)
    whole, decimals = text.split(mark) if mark in text else (text.replace(".", "").replace(",", ""), "")
    assert parse_number(text, mark) == Fraction(f"{whole}.{decimals}")


@given(MARKS, st.data())
def test_number_with_the_other_mark_before_its_cents_is_refused(mark, data):
    other = DecimalMark.COMMA if mark is DecimalMark.POINT else DecimalMark.POINT
    text, _, _ = data.draw(written_numbers(other.value))
    with pytest.raises(ValueError, match="not a number"):
        parse_number(text, mark)


@given(ambiguous_numbers())
def test_both_ways_that_a_message_offers_are_read(text):
    with pytest.raises(AmbiguousNumber) as refused:
        parse_number(text)
    low, high = str(refused.value).removesuffix(".").rsplit("Write ", 1)[1].split(" or ")
    assert {parse_number(low), parse_number(high)} == {parse_number(text, mark) for mark in DecimalMark}
