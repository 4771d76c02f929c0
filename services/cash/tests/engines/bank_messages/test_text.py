"""What may stand in a bank message."""

from __future__ import annotations

import re

import pytest
from cash.engines.bank_messages.text import Alphabet, BadText, bic, iban, identifier, words
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
def test_a_latin_bank_gets_names_without_accents(name: str, written: str) -> None:
    assert words(name, Alphabet.LATIN, 140) == written


def test_a_unicode_bank_gets_the_name_as_it_is_and_markup_is_escaped() -> None:
    assert words("Núñez <& Co>", Alphabet.UNICODE, 140) == "Núñez &lt;&amp; Co&gt;"


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
        ("Ana\x1b[2J", Alphabet.UNICODE, "cannot be seen"),
        ("Ana\x00", Alphabet.UNICODE, "cannot be seen"),
        ("Ana \u202egnp", Alphabet.UNICODE, "cannot be seen"),
        ("Ana \ud800", Alphabet.UNICODE, "cannot be seen"),
    ],
)
def test_what_cannot_be_written_is_refused_rather_than_changed(
    name: str, alphabet: Alphabet, reason: str
) -> None:
    with pytest.raises(BadText, match=re.escape(reason)):
        words(name, alphabet, 140)


@given(st.text(max_size=60))
def test_a_latin_bank_never_gets_another_character(name: str) -> None:
    try:
        written = words(name, Alphabet.LATIN, 140)
    except BadText:
        return
    assert re.fullmatch(r"[A-Za-z0-9/\-?:().,'+ ]{1,140}", written)


@pytest.mark.parametrize("text", ["P-1", "a" * 35, "A/B", "PLAN 2026:(1)"])
def test_an_identifier_is_written_as_it_is(text: str) -> None:
    assert identifier(text) == text


@pytest.mark.parametrize("text", ["", "a" * 36, "/A", "A/", "A//B", "ñ", "A&B", " A", "A ", "A\n", "A_B"])
def test_a_bad_identifier_is_refused(text: str) -> None:
    with pytest.raises(BadText, match="identifier"):
        identifier(text)


@pytest.mark.parametrize(
    "number", ["DO28 BAGR 0000 0001 2124 5361 1324", "ES9121000418450200051332", "de89370400440532013000"]
)
def test_an_iban_is_written_without_spaces(number: str) -> None:
    assert iban(number) == number.replace(" ", "").upper()


@given(st.integers(8, 27), st.sampled_from("0123456789"))
def test_one_wrong_digit_in_an_iban_is_noticed(at: int, wrong: str) -> None:
    number = "DO28BAGR00000001212453611324"
    if wrong != number[at]:
        with pytest.raises(BadText):
            iban(number[:at] + wrong + number[at + 1 :])


@pytest.mark.parametrize("code", ["BAGEPAP", "bagepapa", "BAGEPAPAXX", "BAGE0APA", ""])
def test_a_bad_bic_is_refused(code: str) -> None:
    with pytest.raises(BadText):
        bic(code)
