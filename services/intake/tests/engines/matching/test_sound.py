from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.engines.matching.sound import RULES, Rule, key


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.letters)
def test_each_rule_brings_its_two_spellings_together(rule: Rule) -> None:
    first, second = rule.meet
    assert key(first) == key(second)


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
def test_spellings_that_are_said_alike_have_one_key(spellings: str) -> None:
    assert len({key(name) for name in spellings.split()}) == 1


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
def test_other_names_keep_another_key(names: str) -> None:
    first, *_, last = names.split()
    assert key(first) != key(last)


@given(st.text(max_size=30))
def test_every_text_has_a_key_of_letters(text: str) -> None:
    assert all(letter.isalpha() for letter in key(text))


@given(st.from_regex(r"[A-Za-zÁÉÍÓÚÑÜáéíóúñü]{1,12}", fullmatch=True))
def test_the_key_does_not_hear_case(word: str) -> None:
    assert key(word) == key(word.upper()) == key(word.lower())


def test_the_page_prints_the_same_table() -> None:
    page = (Path(__file__).parents[5] / "docs/using/matching.md").read_text(encoding="utf-8")
    printed = [line.split(" | ")[0].strip("| `") for line in page.splitlines() if line.startswith("| `")]
    assert [letters.replace("¦", "|") for letters in printed] == [rule.letters for rule in RULES]
