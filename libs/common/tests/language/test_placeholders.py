"""Words and signs that are written where a number is asked for and there is none."""

from __future__ import annotations

import re
from datetime import date

import pytest
from solidary.language.placeholders import is_conventional_birthday, is_placeholder, is_placeholder_name

PLACEHOLDERS = """-|---|NO TIENE|no tiene|N/A|n.a.|Ninguno|00000000|0000-0000|xxxx|5.07612E+10|5,07612e10|S/N
Sin documento|123456789|?| |ª|Ｎ／Ａ|desconocido|pendiente"""


@pytest.mark.parametrize("text", re.split(r"[|\n]", PLACEHOLDERS))
def test_placeholder_is_no_number(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text",
    [
        "8-123-457",
        "EJEMPLO-0001",
        "V 12.345.678-9",
        "+50760000000",
        "04-72-99-001",
        "E-8-12345",
        "AB1",
        "112233",
    ],
)
def test_number_of_a_document_or_an_account_is_none(text: str) -> None:
    assert not is_placeholder(text)


@pytest.mark.parametrize("text", ["pa gen", "Sans papiers", "EN TRÁMITE", "indocumentada"])
def test_placeholder_is_known_in_the_languages_of_the_region(text: str) -> None:
    assert is_placeholder(text)


def test_operator_adds_words_of_their_own() -> None:
    assert not is_placeholder("POR ENTREGAR")
    assert is_placeholder("Por entregar", ("por entregar",))


@pytest.mark.parametrize("name", ["N.N.", "sin nombre", "xxx", "FNU"])
def test_placeholder_is_no_name(name: str) -> None:
    assert is_placeholder_name(name)


@pytest.mark.parametrize("name", ["Li", "No", "Na", "Nil", "Ana", "Sin"])
def test_short_name_is_a_name(name: str) -> None:
    assert not is_placeholder_name(name)


def test_first_of_january_is_a_convention() -> None:
    assert is_conventional_birthday(date(1984, 1, 1))
    assert not is_conventional_birthday(date(1984, 1, 2))
