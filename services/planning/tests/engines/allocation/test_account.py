"""The account: every cent of every funded project has a payer."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from planning.engines.allocation import Allocation, Ballot, Basis, Completion, Project, Rule, allocate
from planning.engines.allocation.account import MOST_LOOKED_AT, account_of_shares, gini

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
        draw(some.sampled_from([Rule.equalshares, Rule.greedy, Rule.greedy_no_skip])),
        completion=draw(some.sampled_from(Completion)),
        increment=1000,
    )


@settings(max_examples=150, deadline=None)
@given(allocation=allocations())
def test_the_entries_sum_to_the_cost_to_the_last_cent(allocation: Allocation) -> None:
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
    assert account.basis is Basis.paid
    by_ballot: dict[int, Fraction] = {}
    for entry in account.entries:
        by_ballot[entry.ballot] = by_ballot.get(entry.ballot, Fraction(0)) + entry.amount
    for ballot, amount in by_ballot.items():
        count = allocation.profile.ballots[ballot].count
        assert amount <= allocation.endowment * count + CENT * len(allocation.selected)


def test_communities_are_weighed_against_voters_and_population() -> None:
    projects = [Project("clinic", Fraction(100)), Project("square", Fraction(50))]
    ballots = [
        Ballot.approving("clinic", community="host", count=6),
        Ballot.approving("clinic", "square", community="refugee", count=4),
    ]
    account = allocate(projects, ballots, 150, completion=Completion.none).account(
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
    # Five newcomers with 150/15 each pay it alone; of four with 150/14 and the 4/14 of 10 left, it is short.
    assert account.first_unfunded.votes == 5


def test_the_first_unfunded_of_a_greedy_rule_tells_money_and_votes() -> None:
    projects = [Project("a", Fraction(60)), Project("b", Fraction(50))]
    ballots = [Ballot.approving("a", count=7), Ballot.approving("b", count=4)]
    lacking = allocate(projects, ballots, 100, Rule.greedy).account().first_unfunded
    assert lacking is not None
    assert (lacking.project, lacking.money, lacking.votes) == ("b", 10, 3)  # 7 : 7 goes to the cheaper


def test_no_votes_carry_a_project_dearer_than_the_budget() -> None:
    outcome = allocate([Project("a", Fraction(60))], [Ballot.approving("a")], 50, Rule.greedy)
    lacking = outcome.account().first_unfunded
    assert lacking is not None
    assert lacking.votes is None


@settings(max_examples=150, deadline=None)
@given(allocation=allocations())
def test_so_many_votes_more_carry_the_nearest_and_one_less_does_not(allocation: Allocation) -> None:
    lacking = allocation.account().first_unfunded
    if allocation.endowment is None or lacking is None:
        return
    if lacking.cost > allocation.budget:
        assert lacking.votes is None
        return

    def carried(votes: int) -> bool:
        """The whole election once more, with the newcomers' ballots among the others."""
        newcomers = [Ballot.approving(lacking.project, count=votes)] if votes else []
        again = allocate(
            allocation.profile.projects,
            [*newcomers, *allocation.profile.ballots],
            allocation.budget,
            completion=allocation.completion,
            increment=1000,
        )
        return lacking.project in again.selected

    if lacking.votes is None:
        assert lacking.cost == allocation.budget
        assert not any(carried(votes) for votes in (1, 10, 1000, 10**6))
    else:
        assert carried(lacking.votes)
        assert not carried(lacking.votes - 1)


@pytest.mark.parametrize(("most", "votes"), [(MOST_LOOKED_AT, 57), (0, 240)])
def test_without_a_search_the_votes_are_those_that_surely_carry(most: int, votes: int) -> None:
    """(3 + 57)·61/61 is 60; 240 newcomers with 61/244 each pay 60 alone."""
    projects = [Project("a", Fraction(60)), Project("b", Fraction(40))]
    ballots = [Ballot.approving("a", count=3), Ballot.approving("b")]
    outcome = allocate(projects, ballots, 61, completion=Completion.none)
    assert outcome.endowment is not None
    account = account_of_shares(outcome.profile, outcome.utility, [], outcome.endowment, None, most=most)
    assert account.first_unfunded is not None
    assert (account.first_unfunded.project, account.first_unfunded.votes) == ("a", votes)


@pytest.mark.parametrize(
    ("amounts", "counts", "expected"),
    [([5, 5], [1, 1], 0), ([0, 1], [1, 1], 0.5), ([0, 0, 0, 1], [1, 1, 1, 1], 0.75), ([0, 1], [3, 1], 0.75)],
)
def test_gini(amounts: list[float], counts: list[int], expected: float) -> None:
    assert gini(amounts, counts) == pytest.approx(expected)
