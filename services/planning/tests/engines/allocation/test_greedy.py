"""Tests of the greedy family of rules."""

from __future__ import annotations

from fractions import Fraction

import pytest
from planning.engines.allocation import Ballot, Project, Rule, allocate

PROJECTS = [Project(one, Fraction(cost)) for one, cost in (("a", 60), ("b", 50), ("c", 30), ("d", 10))]
BALLOTS = [
    Ballot.approving("a", "b", "c", "d"),
    Ballot.approving("a", "b", "c"),
    Ballot.approving("a", "b"),
    Ballot.approving("a"),
]

CASES = [
    ("a project that no longer fits is skipped", Rule.GREEDY, None, 100, ("a", "c", "d")),
    ("the first project that does not fit ends the choice", Rule.GREEDY_NO_SKIP, None, 100, ("a",)),
    ("a threshold leaves out projects that score less", Rule.GREEDY_THRESHOLD, 2, 100, ("a", "c")),
    ("a project under the threshold does not end the choice", Rule.GREEDY_NO_SKIP, 4, 65, ("a",)),
    ("plain greedy ignores a threshold", Rule.GREEDY, 4, 150, ("a", "b", "c", "d")),
    ("nothing fits", Rule.GREEDY, None, 9, ()),
    ("the projects use the whole budget", Rule.GREEDY, None, 110, ("a", "b")),
]


@pytest.mark.parametrize(
    ("rule", "threshold", "budget", "selected"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_greedy(rule: Rule, threshold: int | None, budget: int, selected: tuple[str, ...]) -> None:
    assert allocate(PROJECTS, BALLOTS, budget, rule, threshold=threshold).selected == selected


def test_equal_votes_fund_the_cheaper_project_in_any_order_of_the_file() -> None:
    ballots = [Ballot.approving("expensive", "cheap")]
    projects = [Project("expensive", Fraction(9)), Project("cheap", Fraction(2))]
    for listed in (projects, projects[::-1]):
        assert allocate(listed, ballots, 9, Rule.GREEDY).selected == ("cheap",)


def test_points_count_more_than_votes() -> None:
    projects = [Project("few", Fraction(5)), Project("many", Fraction(5))]
    ballots = [Ballot({"few": Fraction(10)}), Ballot({"many": Fraction(1)}, count=9)]
    assert allocate(projects, ballots, 5, Rule.GREEDY).selected == ("few",)


def test_greedy_threshold_without_a_threshold_raises() -> None:
    with pytest.raises(ValueError, match="needs a threshold"):
        allocate(PROJECTS, BALLOTS, 10, Rule.GREEDY_THRESHOLD)
