from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market.engines.skills import matching
from market.engines.skills.matching import Match, Opening, OpeningMatcher, match, skill_gaps

SKILLS = "abcdefgh"
sets = st.frozensets(st.sampled_from(SKILLS))
openings = st.lists(st.tuples(sets, sets), min_size=1, max_size=12).map(
    lambda pairs: [
        Opening(str(i), essential, optional - essential) for i, (essential, optional) in enumerate(pairs)
    ]
)


def reference_order(own: frozenset[str], listed: list[Opening]) -> list[str]:
    """Sort openings as the docstring of `OpeningMatcher.best` describes, one by one."""

    def rank(numbered: tuple[int, Opening]) -> tuple[object, ...]:
        number, opening = numbered
        held, helps = len(opening.essential & own), len(opening.optional & own)
        share = Fraction(held, max(1, len(opening.essential)))
        return -share, -held, -Fraction(helps, max(1, len(opening.optional))), number

    return [opening.id for _, opening in sorted(enumerate(listed), key=rank)]


@given(st.lists(sets | st.just(frozenset({"x", "a"})), max_size=8), openings, st.integers(1, 15))
def test_best_openings_are_in_the_reference_order(
    people: list[frozenset[str]], listed: list[Opening], top: int
) -> None:
    found = list(OpeningMatcher(listed).best(people, top))
    assert [[m.opening for m in best] for best in found] == [
        reference_order(own, listed)[:top] for own in people
    ]
    by_id = {opening.id: opening for opening in listed}
    assert all(
        m == match(own, by_id[m.opening]) for own, best in zip(people, found, strict=True) for m in best
    )


@given(sets, openings)
def test_skills_had_and_lacked_are_the_required_ones(own: frozenset[str], listed: list[Opening]) -> None:
    for opening in listed:
        found = match(own, opening)
        assert sorted(found.have + found.lack) == sorted(opening.essential)
        assert sorted(found.have_optional + found.lack_optional) == sorted(opening.optional)
        assert own.issuperset(found.have + found.have_optional)
        assert own.isdisjoint(found.lack + found.lack_optional)
        for skills in (found.have, found.lack, found.have_optional, found.lack_optional):
            assert skills == sorted(skills)


def test_match_lists_the_skills_had_and_lacked() -> None:
    cook = Opening("cook", frozenset({"season", "fry", "hygiene"}), frozenset({"english"}))
    assert match({"fry", "hygiene", "drive"}, cook) == Match(
        "cook",
        2 / 3,
        have=["fry", "hygiene"],
        lack=["season"],
        have_optional=[],
        lack_optional=["english"],
    )


def test_opening_without_essential_skills_comes_last_and_has_no_share() -> None:
    vague = Opening("vague", frozenset(), frozenset({"a"}))
    clear = Opening("clear", frozenset({"a", "b"}), frozenset())
    [[first, second]] = OpeningMatcher([vague, clear]).best([{"a"}])
    assert (first.opening, first.share) == ("clear", 0.5)
    assert (second.opening, second.share) == ("vague", None)


def test_blocks_of_people_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    people = [frozenset(random.choice(list(SKILLS), 3)) for _ in range(50)]
    listed = OpeningMatcher(
        [Opening(str(i), frozenset(random.choice(list(SKILLS), 2)), frozenset()) for i in range(9)]
    )
    whole = list(listed.best(people, 4))
    monkeypatch.setattr(matching, "PEOPLE_PER_BLOCK", 7)
    assert list(listed.best(iter(people), 4)) == whole


def test_many_requirements_are_counted_without_overflow() -> None:
    skills = [f"s{i}" for i in range(700)]
    wide = Opening("wide", frozenset(skills[:300]), frozenset(skills[300:]))
    narrow = Opening("narrow", frozenset(skills[:299]) | {"none"}, frozenset())
    [[first, second]] = OpeningMatcher([narrow, wide]).best([frozenset(skills)])
    assert (first.opening, first.share, second.opening) == ("wide", 1.0, "narrow")


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 300)), min_size=2, max_size=8))
def test_shares_are_ordered_as_exact_fractions(held_of_required: list[tuple[int, int]]) -> None:
    pairs = sorted((min(held, required), required) for held, required in held_of_required)
    pairs.sort(key=lambda pair: (Fraction(*pair), pair[0]))
    scores = [matching._essential_score(required)[held] for held, required in pairs]
    assert all(
        left < right or (Fraction(*a) == Fraction(*b) and a[0] == b[0])
        for (left, right), (a, b) in zip(pairwise(scores), pairwise(pairs), strict=True)
    )


def test_gap_is_weighted_posts_less_people() -> None:
    cook = Opening("cook", frozenset({"fry"}), frozenset({"english"}))
    guide = Opening("guide", frozenset({"english"}), frozenset())
    gaps = skill_gaps([(cook, 4), (guide, 3)], {"fry": 6, "english": 1, "sew": 9})
    assert gaps == {"english": 4 * 0.5 + 3 - 1, "fry": 4 - 6}
    assert list(gaps) == ["english", "fry"]
