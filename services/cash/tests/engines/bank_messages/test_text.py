"""The text that may be written into a bank message."""

from __future__ import annotations

import re

import pytest
from cash.engines.bank_messages.text import (
    Alphabet,
    InvalidText,
    format_bic,
    format_iban,
    format_identifier,
    format_text,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("José Núñez", "Jose Nunez"),
        ("Müller & Söhne", "Muller + Sohne"),
        ("  Ana \n María ", "Ana Maria"),
        ("O’Brien", "O'Brien"),
        ("Łukasz Øster Straße", "Lukasz Oster Strasse"),
        ("n.º 3 / 2ª", "n.o 3 / 2a"),
        ("“Casa” – Cuna", "'Casa' - Cuna"),
    ],
)
def test_latin_alphabet_removes_accents(name: str, written: str) -> None:
    assert format_text(name, Alphabet.LATIN, 140) == written


def test_unicode_alphabet_keeps_the_name_and_escapes_markup() -> None:
    assert format_text("Núñez <& Co>", Alphabet.UNICODE, 140) == "Núñez &lt;&amp; Co&gt;"


@pytest.mark.parametrize(
    ("name", "alphabet", "reason"),
    [
        ("", Alphabet.LATIN, "empty"),
        (" \t ", Alphabet.UNICODE, "empty"),
        ("́", Alphabet.LATIN, "empty"),
        ("x" * 141, Alphabet.LATIN, "longer than 140"),
        ("ß" * 71, Alphabet.LATIN, "longer than 140"),
        ("王伟", Alphabet.LATIN, "without a Latin form"),
        ("Ana #1", Alphabet.LATIN, "without a Latin form: #"),
        ("Ana\x1b[2J", Alphabet.UNICODE, "an invisible character"),
        ("Ana\x00", Alphabet.UNICODE, "an invisible character"),
        ("Ana \u202egnp", Alphabet.UNICODE, "an invisible character"),
        ("Ana \ud800", Alphabet.UNICODE, "an invisible character"),
    ],
)
def test_text_that_cannot_be_written_is_refused(name: str, alphabet: Alphabet, reason: str) -> None:
    with pytest.raises(InvalidText, match=re.escape(reason)):
        format_text(name, alphabet, 140)


@given(st.text(max_size=60))
def test_latin_alphabet_has_no_other_characters(name: str) -> None:
    try:
        written = format_text(name, Alphabet.LATIN, 140)
    except InvalidText:
        return
    assert re.fullmatch(r"[A-Za-z0-9/\-?:().,'+ ]{1,140}", written)


@pytest.mark.parametrize("text", ["P-1", "a" * 35, "A/B", "PLAN 2026:(1)"])
def test_identifier_is_written_unchanged(text: str) -> None:
    assert format_identifier(text) == text


@pytest.mark.parametrize("text", ["", "a" * 36, "/A", "A/", "A//B", "ñ", "A&B", " A", "A ", "A\n", "A_B"])
def test_invalid_identifier_is_refused(text: str) -> None:
    with pytest.raises(InvalidText, match="identifier"):
        format_identifier(text)


@pytest.mark.parametrize(
    "number", ["DO28 BAGR 0000 0001 2124 5361 1324", "ES9121000418450200051332", "de89370400440532013000"]
)
def test_iban_is_written_without_spaces(number: str) -> None:
    assert format_iban(number) == number.replace(" ", "").upper()


@given(st.integers(8, 27), st.sampled_from("0123456789"))
def test_wrong_digit_in_an_iban_is_refused(at: int, wrong: str) -> None:
    number = "DO28BAGR00000001212453611324"
    if wrong != number[at]:
        with pytest.raises(InvalidText):
            format_iban(number[:at] + wrong + number[at + 1 :])


@pytest.mark.parametrize("code", ["BAGEPAP", "bagepapa", "BAGEPAPAXX", "BAGE0APA", ""])
def test_invalid_bic_is_refused(code: str) -> None:
    with pytest.raises(InvalidText):
        format_bic(code)
