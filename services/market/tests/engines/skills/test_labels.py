from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from market.engines.skills.labels import Index, Label

TRADES = Index(
    [
        Label("Albañiles", "es", "7112"),
        Label("maestro de obra", "es", "3123"),
        Label("ayudante de albañil", "es", "9313"),
        Label("maestra de escuela", "es", "2341"),
        Label("bricklayer", "en", "7112"),
        Label("buhonero", "es", "9520"),
        Label("buhonero", "es", "5211", 0.95),
    ]
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ALBAÑILA", "7112"),
        ("albanil", "7112"),
        ("bricklayers", "7112"),
        ("maestra", "2341"),
        ("maestro de obras", "3123"),
        ("soy ayudante de albañil", "9313"),
        ("buhonera", "9520"),
        ("albañl", "7112"),
    ],
)
def test_best_label_comes_first(text: str, code: str) -> None:
    assert TRADES.search(text)[0].code == code


def test_hit_has_its_label_and_words() -> None:
    [first, second, *_] = TRADES.search("era albañil y plomero")
    assert (first.label, first.words) == ("Albañiles", ("albanil",))
    assert (second.label, second.words) == ("ayudante de albañil", ("albanil",))
    assert 0 < second.score < first.score < 1


def test_whole_label_scores_one() -> None:
    assert TRADES.search("albañiles")[0].score == 1


def test_word_known_in_one_language_is_no_misspelling_in_the_other() -> None:
    index = Index([Label("coser", "es", "7533"), Label("closer", "en", "3334")])
    assert [hit.code for hit in index.search("coser")] == ["7533"]
    assert [hit.code for hit in index.search("closerr")] == ["3334"]


def test_empty_or_unknown_text_finds_nothing() -> None:
    assert TRADES.search("") == TRADES.search("xyzzy") == TRADES.search("yo trabajo") == []
    assert Index([]).search("albañil") == []


@given(st.text(max_size=60))
def test_scores_are_between_zero_and_one_in_descending_order(text: str) -> None:
    scores = [hit.score for hit in TRADES.search(text)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1.000001 for score in scores)
