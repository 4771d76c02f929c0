"""The greedy family, case by case."""

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
    ("what no longer fits is skipped", Rule.greedy, None, 100, ("a", "c", "d")),
    ("the first that does not fit ends it", Rule.greedy_no_skip, None, 100, ("a",)),
    ("a threshold leaves out the least wanted", Rule.greedy_threshold, 2, 100, ("a", "c")),
    ("what is under the threshold does not end it", Rule.greedy_no_skip, 4, 65, ("a",)),
    ("plain greedy knows no threshold", Rule.greedy, 4, 150, ("a", "b", "c", "d")),
    ("nothing fits", Rule.greedy, None, 9, ()),
    ("a fit to the last unit", Rule.greedy, None, 110, ("a", "b")),
]


@pytest.mark.parametrize(
    ("rule", "threshold", "budget", "selected"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_greedy(rule: Rule, threshold: int | None, budget: int, selected: tuple[str, ...]) -> None:
    assert allocate(PROJECTS, BALLOTS, budget, rule, threshold=threshold).selected == selected


def test_equal_votes_go_to_the_cheaper_project_whatever_the_order_of_the_file() -> None:
    ballots = [Ballot.approving("dear", "cheap")]
    projects = [Project("dear", Fraction(9)), Project("cheap", Fraction(2))]
    for listed in (projects, projects[::-1]):
        assert allocate(listed, ballots, 9, Rule.greedy).selected == ("cheap",)


def test_points_outweigh_votes() -> None:
    projects = [Project("few", Fraction(5)), Project("many", Fraction(5))]
    ballots = [Ballot({"few": Fraction(10)}), Ballot({"many": Fraction(1)}, count=9)]
    assert allocate(projects, ballots, 5, Rule.greedy).selected == ("few",)


def test_a_threshold_rule_without_a_threshold_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a threshold"):
        allocate(PROJECTS, BALLOTS, 10, Rule.greedy_threshold)
