"""Tests of equal shares: floating-point budgets never contradict the exact definition."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from planning.engines.allocation import Ballot, Completion, Measure, Profile, Project, Rule, allocate
from planning.engines.allocation.equal_shares import equal_shares
from planning.engines.allocation.exact_budgets import ExactVoterBudgets
from planning.engines.allocation.utility import Utility
from planning.engines.allocation.voter_budgets import InsufficientPrecision, VoterBudgets


@some.composite
def profiles(draw: some.DrawFn) -> Profile:
    """Elections of some size, with odd costs and up to forty kinds of ballot."""
    projects = [
        Project(f"p{index}", Fraction(draw(some.integers(1, 10**6)), draw(some.sampled_from([1, 3, 100]))))
        for index in range(draw(some.integers(1, 12)))
    ]
    ids = [project.id for project in projects]
    points = some.integers(1, 9).map(Fraction)
    ballots = draw(
        some.lists(
            some.builds(
                Ballot,
                some.dictionaries(some.sampled_from(ids), points, max_size=6),
                count=some.integers(1, 400),
            ),
            min_size=1,
            max_size=40,
        )
    )
    return Profile.from_ballots(projects, ballots, draw(some.integers(0, 3 * 10**6)))


def by_definition(profile: Profile, utility: Utility, endowment: Fraction) -> tuple[int, ...]:
    """Run the rule as the paper states it: every ρ is computed exactly before each purchase."""
    budgets, tie_ranks = ExactVoterBudgets(profile, utility, endowment), profile.tie_ranks()
    left = {c for c, votes in enumerate(profile.votes) if votes}
    while True:
        prices = {c: budgets.price(c) for c in left}
        ratios = {c: price / (utility.base[c] or 1) for c, price in prices.items() if price is not None}
        if not ratios:
            return tuple(budgets.bought)
        best = min(ratios, key=lambda c: (ratios[c], tie_ranks[c]))
        budgets.buy(best)
        left.remove(best)


@pytest.mark.parametrize("measure", Measure)
@settings(max_examples=80, deadline=None)
@given(profile=profiles())
def test_floating_point_buys_the_same_projects_in_the_same_order_as_the_definition(
    measure: Measure, profile: Profile
) -> None:
    utility = Utility.from_profile(profile, measure)
    outcome = equal_shares(profile, utility)
    assert outcome.bought == by_definition(profile, utility, outcome.endowment)


@settings(max_examples=60, deadline=None)
@given(profile=profiles())
def test_skipped_add1_rounds_would_have_bought_the_same_projects(profile: Profile) -> None:
    utility = Utility.from_profile(profile, Measure.COST)
    step = Fraction(max(1, sum(profile.costs) // (20 * profile.voters)), profile.money_unit)
    kept = equal_shares(profile, utility, increment=step)
    if profile.total_cost(c for c, votes in enumerate(profile.votes) if votes) <= profile.budget:
        return
    endowment, bought = Fraction(profile.budget, profile.voters), ()
    while profile.total_cost(richer := by_definition(profile, utility, endowment)) <= profile.budget:
        bought = richer
        endowment += step * profile.money_unit
    assert kept.bought == bought
    assert kept.endowment == endowment - step * profile.money_unit


@settings(max_examples=60, deadline=None)
@given(profile=profiles())
def test_exact_prices_alone_give_the_same_result(profile: Profile) -> None:
    utility = Utility.from_profile(profile, Measure.COST)

    def fail(*_: object) -> None:
        raise InsufficientPrecision

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(VoterBudgets, "estimate_price", fail)
        exact = equal_shares(profile, utility)
    assert exact == equal_shares(profile, utility)


@settings(max_examples=60, deadline=None)
@given(profile=profiles())
def test_every_budget_is_within_its_error_bound_of_the_exact_one(profile: Profile) -> None:
    utility = Utility.from_profile(profile, Measure.SCORE)
    start = Fraction(profile.budget, profile.voters)
    exact, floating = ExactVoterBudgets(profile, utility, start), VoterBudgets(profile, utility)
    floating.reset(start)
    for project in by_definition(profile, utility, start):
        price = exact.price(project)
        assert price is not None
        try:
            estimate = floating.estimate_price(project, 0.0)
        except InsufficientPrecision:
            break
        assert estimate is not None
        assert abs(Fraction(estimate.price) - price) <= Fraction(estimate.margin)
        assert estimate.ratio is None or Fraction(*estimate.ratio) == price
        exact.buy(project)
        floating.buy(project, estimate)
        for near, error, true in zip(floating.remaining, floating.error, exact.remaining, strict=True):
            assert abs(Fraction(float(near)) - Fraction(int(true), exact.unit)) <= Fraction(float(error))


def test_a_minority_gets_its_share_where_votes_alone_would_give_it_nothing() -> None:
    """60 voters want the three expensive projects, 40 the two cheap ones, and the budget is 1,000."""
    projects = [Project(one, Fraction(300)) for one in ("a", "b", "c")]
    projects += [Project(one, Fraction(200)) for one in ("x", "y")]
    ballots = [Ballot.approving("a", "b", "c", count=60), Ballot.approving("x", "y", count=40)]
    assert allocate(projects, ballots, 1000, Rule.GREEDY).selected == ("a", "b", "c")
    assert set(allocate(projects, ballots, 1000, completion=Completion.NONE).selected) == {"a", "b", "x", "y"}


def test_ties_go_to_more_votes_then_the_lower_cost_then_the_id() -> None:
    """ρ is the payment of each supporter, because every project has a utility of one: 10 for every project."""
    projects = [Project("z", Fraction(20)), Project("b", Fraction(10)), Project("a", Fraction(10))]
    ballots = [Ballot.approving("z", "b"), Ballot.approving("z", "a")]
    outcome = allocate(projects, ballots, 40, utility=Measure.CARDINALITY, completion=Completion.NONE)
    assert outcome.selected == ("z", "a", "b")


def test_a_free_project_with_a_supporter_is_funded_by_every_rule() -> None:
    projects = [Project("free", Fraction(0)), Project("idle", Fraction(0)), Project("dear", Fraction(9))]
    ballots = [Ballot.approving("free", "dear"), Ballot.approving("dear")]
    for measure in (Measure.COST, Measure.CARDINALITY):
        assert allocate(projects, ballots, 10, utility=measure).selected == ("free", "dear")
    assert "free" in allocate(projects, ballots, 10, Rule.GREEDY).selected


def test_add1_continues_after_an_outcome_to_which_nothing_can_be_added() -> None:
    """Project b alone leaves 6 of 14, enough for nothing else; with one more per voter c wins instead."""
    projects = [Project("a", Fraction(11)), Project("b", Fraction(8)), Project("c", Fraction(12))]
    ballots = [
        Ballot.approving("b", "c", count=3),
        Ballot.approving("b"),
        Ballot.approving("a", "c", count=2),
    ]
    assert allocate(projects, ballots, 14, completion=Completion.NONE).selected == ("b",)
    assert allocate(projects, ballots, 14).selected == ("c",)


def test_add1_funds_every_supported_project_where_the_budget_allows_it() -> None:
    projects = [
        Project("a", Fraction(90_000)),
        Project("b", Fraction(10_000)),
        Project("unwanted", Fraction(1)),
    ]
    ballots = [Ballot.approving("a"), Ballot.approving("b", count=999)]
    assert set(allocate(projects, ballots, 100_000).selected) == {"a", "b"}


def test_a_million_small_rounds_are_not_run_one_by_one() -> None:
    """Use a budget of ten million pesos per voter, to which each round adds one peso."""
    projects = [Project("a", Fraction(60_000_000)), Project("b", Fraction(50_000_001))]
    ballots = [Ballot.approving("a", count=6), Ballot.approving("b", count=4)]
    outcome = allocate(projects, ballots, 100_000_000)
    assert outcome.selected == ("a",)
    assert outcome.endowment == Fraction(50_000_001 // 4)  # one more and b is paid as well, beyond the budget


def test_blank_ballots_count_as_voters_and_no_ballots_fund_nothing() -> None:
    projects = [Project("a", Fraction(10))]
    none = Completion.NONE
    assert allocate(projects, [Ballot.approving("a"), Ballot({})], 19, completion=none).selected == ()
    assert allocate(projects, [Ballot.approving("a"), Ballot({})], 20, completion=none).selected == ("a",)
    assert allocate(projects, [], 10).selected == ()
