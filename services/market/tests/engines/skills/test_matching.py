from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market.engines.skills import matching
from market.engines.skills.matching import Match, Opening, Openings, match, skill_gaps

SKILLS = "abcdefgh"
sets = st.frozensets(st.sampled_from(SKILLS))
openings = st.lists(st.tuples(sets, sets), min_size=1, max_size=12).map(
    lambda asked: [
        Opening(str(i), essential, optional - essential) for i, (essential, optional) in enumerate(asked)
    ]
)


def plain_order(own: frozenset[str], asked: list[Opening]) -> list[str]:
    """The order as the docstring words it, without any arithmetic in bulk."""

    def place(numbered: tuple[int, Opening]) -> tuple[object, ...]:
        number, opening = numbered
        held, helps = len(opening.essential & own), len(opening.optional & own)
        share = Fraction(held, max(1, len(opening.essential)))
        return -share, -held, -Fraction(helps, max(1, len(opening.optional))), number

    return [opening.id for _, opening in sorted(enumerate(asked), key=place)]


@given(st.lists(sets | st.just(frozenset({"x", "a"})), max_size=8), openings, st.integers(1, 15))
def test_the_best_openings_are_those_of_the_plain_order(
    people: list[frozenset[str]], asked: list[Opening], top: int
) -> None:
    found = list(Openings(asked).best(people, top))
    assert [[m.opening for m in best] for best in found] == [plain_order(own, asked)[:top] for own in people]
    by_id = {opening.id: opening for opening in asked}
    assert all(
        m == match(own, by_id[m.opening]) for own, best in zip(people, found, strict=True) for m in best
    )


@given(sets, openings)
def test_what_is_had_and_lacked_is_what_is_asked(own: frozenset[str], asked: list[Opening]) -> None:
    for opening in asked:
        found = match(own, opening)
        assert sorted(found.have + found.lack) == sorted(opening.essential)
        assert sorted(found.have_optional + found.lack_optional) == sorted(opening.optional)
        assert own.issuperset(found.have + found.have_optional)
        assert own.isdisjoint(found.lack + found.lack_optional)
        for skills in (found.have, found.lack, found.have_optional, found.lack_optional):
            assert skills == sorted(skills)


def test_a_match_is_explained() -> None:
    cook = Opening("cook", frozenset({"season", "fry", "hygiene"}), frozenset({"english"}))
    assert match({"fry", "hygiene", "drive"}, cook) == Match(
        "cook",
        2 / 3,
        have=["fry", "hygiene"],
        lack=["season"],
        have_optional=[],
        lack_optional=["english"],
    )


def test_an_opening_that_states_nothing_essential_is_not_called_a_fit() -> None:
    vague = Opening("vague", frozenset(), frozenset({"a"}))
    clear = Opening("clear", frozenset({"a", "b"}), frozenset())
    [[first, second]] = Openings([vague, clear]).best([{"a"}])
    assert (first.opening, first.share) == ("clear", 0.5)
    assert (second.opening, second.share) == ("vague", None)


def test_blocks_of_people_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    people = [frozenset(random.choice(list(SKILLS), 3)) for _ in range(50)]
    asked = Openings(
        [Opening(str(i), frozenset(random.choice(list(SKILLS), 2)), frozenset()) for i in range(9)]
    )
    whole = list(asked.best(people, 4))
    monkeypatch.setattr(matching, "BLOCK", 7)
    assert list(asked.best(iter(people), 4)) == whole


def test_many_requirements_are_counted_without_overflow() -> None:
    skills = [f"s{i}" for i in range(700)]
    wide = Opening("wide", frozenset(skills[:300]), frozenset(skills[300:]))
    narrow = Opening("narrow", frozenset(skills[:299]) | {"none"}, frozenset())
    [[first, second]] = Openings([narrow, wide]).best([frozenset(skills)])
    assert (first.opening, first.share, second.opening) == ("wide", 1.0, "narrow")


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 300)), min_size=2, max_size=8))
def test_shares_are_ordered_as_exact_fractions(held_of_asked: list[tuple[int, int]]) -> None:
    pairs = sorted((min(held, asked), asked) for held, asked in held_of_asked)
    pairs.sort(key=lambda pair: (Fraction(*pair), pair[0]))
    worth = [matching._essential_worth(asked)[held] for held, asked in pairs]
    assert all(
        left < right or (Fraction(*a) == Fraction(*b) and a[0] == b[0])
        for (left, right), (a, b) in zip(pairwise(worth), pairwise(pairs), strict=True)
    )


def test_a_gap_is_posts_by_weight_less_people() -> None:
    cook = Opening("cook", frozenset({"fry"}), frozenset({"english"}))
    guide = Opening("guide", frozenset({"english"}), frozenset())
    gaps = skill_gaps([(cook, 4), (guide, 3)], {"fry": 6, "english": 1, "sew": 9})
    assert gaps == {"english": 4 * 0.5 + 3 - 1, "fry": 4 - 6}
    assert list(gaps) == ["english", "fry"]
