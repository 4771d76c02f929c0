"""Thousands of small elections, decided by pabutools as well."""

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
    """Few projects, few voters, small numbers: ties and exact fits are then the rule, not the exception."""
    ids = IDS[: draw(some.integers(1, len(IDS)))]
    cents = draw(some.sampled_from([1, 1, 2, 10]))
    cost = some.integers(1, 30 * cents).map(lambda whole: Fraction(whole, cents))
    projects = [Project(one, draw(cost)) for one in ids]
    given_points = some.integers(1, 6) if points else some.just(1)
    ballot = some.dictionaries(some.sampled_from(ids), given_points.map(Fraction), max_size=len(ids))
    ballots = draw(some.lists(some.tuples(ballot, some.integers(1, 3)), min_size=1, max_size=8))
    budget = draw(some.integers(0, 60))
    return Case(projects, [Ballot(given, count=count) for given, count in ballots], budget)


def decided(case: Case, measure: Measure, completion: Completion) -> frozenset[str]:
    outcome = allocate(
        case.projects, case.ballots, case.budget, Rule.equalshares, completion=completion, utility=measure
    )
    return frozenset(outcome.selected)


@pytest.mark.parametrize("completion", Completion)
@pytest.mark.parametrize("measure", [Measure.cost, Measure.cardinality])
@settings(max_examples=500, deadline=None, suppress_health_check=EASY)
@given(case=cases())
def test_equal_shares_finds_the_winners_that_pabutools_finds(
    case: Case, measure: Measure, completion: Completion
) -> None:
    assert decided(case, measure, completion) == oracle.equal_shares(
        case, measure, completion is Completion.add1
    )


@pytest.mark.parametrize("completion", Completion)
@settings(max_examples=250, deadline=None, suppress_health_check=EASY)
@given(case=cases(points=True))
def test_points_weigh_as_they_do_in_pabutools(case: Case, completion: Completion) -> None:
    assert decided(case, Measure.score, completion) == oracle.equal_shares(
        case, Measure.score, completion is Completion.add1
    )


@settings(max_examples=250, deadline=None, suppress_health_check=EASY)
@given(case=cases())
def test_greedy_by_votes_is_the_greedy_of_pabutools_by_cost_per_cost(case: Case) -> None:
    outcome = allocate(case.projects, case.ballots, case.budget, Rule.greedy)
    assert frozenset(outcome.selected) == oracle.greedy(case)
