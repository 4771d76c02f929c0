"""The coding of 350 free answers of our own that a person labelled (`answers.csv`).

The vocabulary and its weights were fitted on the part `tuning`; the part `held-out` was not used until they were final.
Both were written by the author of the vocabulary, so the rates are an upper bound (docs/using/occupations.md).
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from market.engines.skills import esco
from market.engines.skills.coding import Coder

ANSWERS = list(
    csv.DictReader((Path(__file__).parent / "answers.csv").read_text(encoding="utf-8").splitlines())
)

coder = cache(Coder)


def codes(answer: str) -> list[str]:
    return [candidate.group.code for candidate in coder().candidates(answer)]


def hit_rate(hit: Callable[[list[str], set[str]], bool], **only: str) -> float:
    chosen = [row for row in ANSWERS if only.items() <= row.items()]
    return sum(hit(codes(row["answer"]), set(row["codes"].split())) for row in chosen) / len(chosen)


def is_among_three(found: list[str], right: set[str]) -> bool:
    return bool(right & set(found))


def test_labelled_answers_are_many_and_mostly_unambiguous() -> None:
    assert len(ANSWERS) == len({row["answer"] for row in ANSWERS}) >= 200
    assert sum(" " not in row["codes"] for row in ANSWERS) >= 0.75 * len(ANSWERS)
    assert sum(row["part"] == "held-out" for row in ANSWERS) >= 150


@pytest.mark.parametrize("part", ["tuning", "held-out"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_right_group_is_among_the_first_three(part: str, language: str) -> None:
    assert hit_rate(is_among_three, part=part, language=language) >= 0.95


def test_right_group_is_mostly_the_first() -> None:
    assert hit_rate(lambda found, right: found[:1] != [] and found[0] in right, part="held-out") >= 0.9


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("albañil", "7112"),
        ("albañila", "7112"),
        ("maestro de obra", "3123"),
        ("nana", "5311"),
        ("chambero", "9612"),
        ("buhonero", "9520"),
        ("costurero", "7531"),
        ("bricklayer", "7112"),
    ],
)
def test_regional_words_are_known(answer: str, code: str) -> None:
    assert codes(answer)[0] == code


def test_candidate_has_its_reason() -> None:
    [first, *_] = coder().candidates("pego bloques en una obra", limit=1)
    assert first.group.es == "Albañiles"
    assert (first.reason.label, first.reason.words) == ("pegar bloques", ("pego", "bloques"))


def test_unknown_or_empty_answer_has_no_candidate() -> None:
    assert coder().candidates("xyzzy") == coder().candidates("") == []


def test_esco_occupations_are_listed_within_their_group() -> None:
    catalogue = esco.Catalogue()
    catalogue.add(esco.Occupation("key_1", "", "7112.1", "7112", "bricklayer", ("brick setter",), None))
    [first, *_] = Coder(catalogue).candidates("brick setter")
    assert first.group.code == "7112"
    assert [(label, hit.code) for label, hit in first.esco] == [("bricklayer", "7112.1")]
