"""Tests of the account: every cent of every funded project has a payer."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from planning.engines.allocation import Allocation, Ballot, Basis, Completion, Project, Rule, allocate
from planning.engines.allocation.account import (
    MAX_BALLOTS_RECOUNTED,
    account_for_equal_shares,
    gini_coefficient,
)

CENT = Fraction(1, 100)


@some.composite
def allocations(draw: some.DrawFn) -> Allocation:
    projects = [
        Project(one, Fraction(draw(some.integers(0, 50_000)), draw(some.sampled_from([1, 100]))))
        for one in "abcdef"
    ]
    ballots = draw(
        some.lists(
            some.builds(
                Ballot,
                some.dictionaries(some.sampled_from("abcdef"), some.just(Fraction(1))),
                some.sampled_from(["refugee", "migrant", "host"]),
                some.integers(1, 30),
            ),
            min_size=1,
            max_size=20,
        )
    )
    return allocate(
        projects,
        ballots,
        draw(some.integers(0, 80_000)),
        draw(some.sampled_from([Rule.EQUAL_SHARES, Rule.GREEDY, Rule.GREEDY_NO_SKIP])),
        completion=draw(some.sampled_from(Completion)),
        increment=1000,
    )


@settings(max_examples=150, deadline=None)
@given(allocation=allocations())
def test_the_entries_sum_to_the_cost_exactly(allocation: Allocation) -> None:
    account = allocation.account()
    costs = {project.id: project.cost for project in allocation.profile.projects}
    paid = dict.fromkeys(allocation.selected, Fraction(0))
    for entry in account.entries:
        assert (entry.amount / CENT).denominator == 1
        assert entry.amount >= 0
        paid[entry.project] += entry.amount
    assert paid == {project: costs[project] for project in allocation.selected}
    assert sum(share.paid for share in account.communities) == allocation.cost
    assert sum(share.share_of_voters for share in account.communities) == 1
    assert 0 <= account.gini_of_communities <= account.gini_of_voters + 1e-9 <= 1 + 1e-9


@settings(max_examples=100, deadline=None)
@given(allocation=allocations())
def test_nobody_pays_more_than_the_endowment_under_equal_shares(allocation: Allocation) -> None:
    if allocation.endowment is None:
        return
    account = allocation.account()
    assert account.basis is Basis.PAID
    by_ballot: dict[int, Fraction] = {}
    for entry in account.entries:
        by_ballot[entry.ballot] = by_ballot.get(entry.ballot, Fraction(0)) + entry.amount
    for ballot, amount in by_ballot.items():
        count = allocation.profile.ballots[ballot].count
        assert amount <= allocation.endowment * count + CENT * len(allocation.selected)


def test_shares_of_communities_are_compared_with_voters_and_population() -> None:
    projects = [Project("clinic", Fraction(100)), Project("square", Fraction(50))]
    ballots = [
        Ballot.approving("clinic", community="host", count=6),
        Ballot.approving("clinic", "square", community="refugee", count=4),
    ]
    account = allocate(projects, ballots, 150, completion=Completion.NONE).account(
        {"host": 900, "refugee": 100}
    )
    shares = {share.community: share for share in account.communities}
    assert shares["host"].paid == 60
    assert shares["refugee"].paid == 60 - 20
    assert shares["refugee"].share_of_voters == Fraction(2, 5)
    assert shares["refugee"].share_of_population == Fraction(1, 10)
    assert account.first_unfunded is not None
    assert account.first_unfunded.project == "square"
    assert account.first_unfunded.money == 50 - 4 * 5  # each of the four has 15 − 10 left
    # Five additional voters with 150/15 each pay it alone; four with 150/14 each cannot, even with the rest.
    assert account.first_unfunded.votes == 5


def test_the_first_unfunded_project_of_a_greedy_rule_has_missing_money_and_votes() -> None:
    projects = [Project("a", Fraction(60)), Project("b", Fraction(50))]
    ballots = [Ballot.approving("a", count=7), Ballot.approving("b", count=4)]
    unfunded = allocate(projects, ballots, 100, Rule.GREEDY).account().first_unfunded
    assert unfunded is not None
    assert (unfunded.project, unfunded.money, unfunded.votes) == ("b", 10, 3)  # 7 : 7 goes to the cheaper


def test_no_number_of_votes_funds_a_project_above_the_budget() -> None:
    outcome = allocate([Project("a", Fraction(60))], [Ballot.approving("a")], 50, Rule.GREEDY)
    unfunded = outcome.account().first_unfunded
    assert unfunded is not None
    assert unfunded.votes is None


@settings(max_examples=150, deadline=None)
@given(allocation=allocations())
def test_the_missing_votes_fund_the_nearest_project_and_one_less_does_not(allocation: Allocation) -> None:
    unfunded = allocation.account().first_unfunded
    if allocation.endowment is None or unfunded is None:
        return
    if unfunded.cost > allocation.budget:
        assert unfunded.votes is None
        return

    def funded_with(votes: int) -> bool:
        """Repeat the whole election with the additional ballots among the others."""
        additional = [Ballot.approving(unfunded.project, count=votes)] if votes else []
        again = allocate(
            allocation.profile.projects,
            [*additional, *allocation.profile.ballots],
            allocation.budget,
            completion=allocation.completion,
            increment=1000,
        )
        return unfunded.project in again.selected

    if unfunded.votes is None:
        assert unfunded.cost == allocation.budget
        assert not any(funded_with(votes) for votes in (1, 10, 1000, 10**6))
    else:
        assert funded_with(unfunded.votes)
        assert not funded_with(unfunded.votes - 1)


@pytest.mark.parametrize(("max_ballots", "votes"), [(MAX_BALLOTS_RECOUNTED, 57), (0, 240)])
def test_without_recounts_the_votes_are_a_number_that_certainly_suffices(
    max_ballots: int, votes: int
) -> None:
    """(3 + 57)·61/61 is 60; 240 additional voters with 61/244 each pay 60 alone."""
    projects = [Project("a", Fraction(60)), Project("b", Fraction(40))]
    ballots = [Ballot.approving("a", count=3), Ballot.approving("b")]
    outcome = allocate(projects, ballots, 61, completion=Completion.NONE)
    assert outcome.endowment is not None
    account = account_for_equal_shares(
        outcome.profile, outcome.utility, [], outcome.endowment, None, max_ballots=max_ballots
    )
    assert account.first_unfunded is not None
    assert (account.first_unfunded.project, account.first_unfunded.votes) == ("a", votes)


@pytest.mark.parametrize(
    ("amounts", "counts", "expected"),
    [([5, 5], [1, 1], 0), ([0, 1], [1, 1], 0.5), ([0, 0, 0, 1], [1, 1, 1, 1], 0.75), ([0, 1], [3, 1], 0.75)],
)
def test_gini_coefficient(amounts: list[float], counts: list[int], expected: float) -> None:
    assert gini_coefficient(amounts, counts) == pytest.approx(expected)
