"""Tests that compare thousands of small elections with pabutools."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from planning.engines.allocation import Ballot, Completion, Measure, Project, Rule, allocate

from . import oracle
from .oracle import Case

EASY = [HealthCheck.too_slow, HealthCheck.data_too_large]
IDS = "abcdefg"


@some.composite
def cases(draw: some.DrawFn, *, points: bool = False) -> Case:
    """Elections with few projects, few voters and small numbers, so that ties and exact fits are frequent."""
    ids = IDS[: draw(some.integers(1, len(IDS)))]
    cents = draw(some.sampled_from([1, 1, 2, 10]))
    cost = some.integers(1, 30 * cents).map(lambda whole: Fraction(whole, cents))
    projects = [Project(one, draw(cost)) for one in ids]
    ballot_points = some.integers(1, 6) if points else some.just(1)
    ballot = some.dictionaries(some.sampled_from(ids), ballot_points.map(Fraction), max_size=len(ids))
    ballots = draw(some.lists(some.tuples(ballot, some.integers(1, 3)), min_size=1, max_size=8))
    budget = draw(some.integers(0, 60))
    return Case(projects, [Ballot(given, count=count) for given, count in ballots], budget)


def winners(case: Case, measure: Measure, completion: Completion) -> frozenset[str]:
    outcome = allocate(
        case.projects, case.ballots, case.budget, Rule.EQUAL_SHARES, completion=completion, utility=measure
    )
    return frozenset(outcome.selected)


@pytest.mark.parametrize("completion", Completion)
@pytest.mark.parametrize("measure", [Measure.COST, Measure.CARDINALITY])
@settings(max_examples=200, deadline=None, suppress_health_check=EASY)
@given(case=cases())
def test_equal_shares_gives_the_winners_of_pabutools(
    case: Case, measure: Measure, completion: Completion
) -> None:
    assert winners(case, measure, completion) == oracle.equal_shares(
        case, measure, completion is Completion.ADD1
    )


@pytest.mark.parametrize("completion", Completion)
@settings(max_examples=100, deadline=None, suppress_health_check=EASY)
@given(case=cases(points=True))
def test_equal_shares_with_points_gives_the_winners_of_pabutools(case: Case, completion: Completion) -> None:
    assert winners(case, Measure.SCORE, completion) == oracle.equal_shares(
        case, Measure.SCORE, completion is Completion.ADD1
    )


@settings(max_examples=100, deadline=None, suppress_health_check=EASY)
@given(case=cases())
def test_greedy_by_votes_gives_the_winners_of_pabutools_with_cost_satisfaction(case: Case) -> None:
    outcome = allocate(case.projects, case.ballots, case.budget, Rule.GREEDY)
    assert frozenset(outcome.selected) == oracle.greedy(case)
