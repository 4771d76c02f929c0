from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.engines.matching.phonetics import RULES, PhoneticRule, phonetic_key


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.pattern)
def test_each_rule_gives_its_two_spellings_one_key(rule: PhoneticRule) -> None:
    first, second = rule.example
    assert phonetic_key(first) == phonetic_key(second)


@pytest.mark.parametrize(
    "spellings",
    [
        "Cevallos Zeballos Ceballos Sevayos",
        "Huamán Guamán Wamán",
        "Wilmer Guilmer",
        "Yeferson Jefferson Jeferson",
        "Jhon John Jon Yon",
        "Jiménez Giménez Ximénez",
        "Vásquez Vázquez Básquez",
        "Gutiérrez Gutierres",
        "Quiñones Kiñonez Quinones",
        "Yonatan Jonathan Jhonatan",
        "Estefany Stephany Stefani",
        "Nahuel Nawel",
        "Kelly Keli Quely",
        "Xavier Savier",
        "Yajaira Llajaira",
    ],
)
def test_spellings_with_one_pronunciation_have_one_key(spellings: str) -> None:
    assert len({phonetic_key(name) for name in spellings.split()}) == 1


@pytest.mark.parametrize(
    "names",
    [
        "Carlos Carla",
        "Rosa Rosaura",
        "Marta María",
        "Guillermo Wilmer",
        "Julio Julia",
        "Castillo Castro",
        "Gómez Gámez",
        "Miguel Mijael",
        "Peña Pena Peralta",
    ],
)
def test_different_names_have_different_keys(names: str) -> None:
    first, *_, last = names.split()
    assert phonetic_key(first) != phonetic_key(last)


@given(st.text(max_size=30))
def test_a_key_consists_of_letters(text: str) -> None:
    assert all(letter.isalpha() for letter in phonetic_key(text))


@given(st.from_regex(r"[A-Za-zÁÉÍÓÚÑÜáéíóúñü]{1,12}", fullmatch=True))
def test_the_key_ignores_case(word: str) -> None:
    assert phonetic_key(word) == phonetic_key(word.upper()) == phonetic_key(word.lower())


def test_the_documentation_has_the_same_table() -> None:
    page = (Path(__file__).parents[5] / "docs/using/matching.md").read_text(encoding="utf-8")
    printed = [line.split(" | ")[0].strip("| `") for line in page.splitlines() if line.startswith("| `")]
    assert [pattern.replace("¦", "|") for pattern in printed] == [rule.pattern for rule in RULES]
