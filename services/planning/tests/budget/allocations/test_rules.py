from __future__ import annotations

from fractions import Fraction
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from planning.budget.allocations import rules

A, B, C = (UUID(int=n) for n in (1, 2, 3))
COSTS = {A: 60_000, B: 60_000, C: 40_000}


def test_a_minority_gets_its_share_where_votes_alone_would_give_it_nothing():
    """Give six voters A and B, and four C: with money for two actions, votes alone would not fund C."""
    ballots = [("host", [A, B], 6), ("refugee", [C], 4)]
    selection = rules.select_by_ballots(COSTS, ballots, 100_000, 2)
    assert set(selection.actions) == {A, C}
    assert selection.cost_minor == 100_000
    shares = {share.community: share for share in selection.account.communities}
    assert (shares["host"].paid_minor, shares["refugee"].paid_minor) == (60_000, 40_000)
    assert shares["refugee"].share_of_voters == 0.4
    assert selection.account.first_unfunded.action_id == str(B)
    votes = {line.action_id: (line.community, line.votes) for line in selection.account.votes}
    assert votes == {str(A): ("host", 6), str(B): ("host", 6), str(C): ("refugee", 4)}


def test_the_account_has_each_communitys_share_of_the_population():
    population = {"host": 900, "refugee": 100}
    selection = rules.select_by_ballots(
        {A: 100}, [("host", [A], 1), ("refugee", [A], 1)], 1_000, 2, population
    )
    shares = {share.community: share.share_of_population for share in selection.account.communities}
    assert shares == {"host": 0.9, "refugee": 0.1}


def test_the_endowment_is_an_exact_fraction():
    selection = rules.select_by_ballots({A: 100}, [("host", [A], 3)], 100, 2)
    assert Fraction(selection.account.endowment) >= Fraction(1, 3)


ballot = st.tuples(
    st.sampled_from(["refugee", "migrant", "host"]), st.sets(st.sampled_from([A, B, C])), st.integers(1, 9)
)


@settings(deadline=None)
@given(st.lists(ballot, min_size=1, max_size=8), st.integers(1, 200_000), st.integers(0, 2))
def test_the_payments_sum_to_the_cost_which_is_within_the_budget(ballots, budget, decimals):
    selection = rules.select_by_ballots(COSTS, ballots, budget, decimals)
    assert selection.cost_minor <= budget
    assert selection.cost_minor == sum(COSTS[action] for action in selection.actions)
    if decimals == 2:
        assert sum(entry.paid_minor for entry in selection.account.paid) == selection.cost_minor
        assert sum(share.paid_minor for share in selection.account.communities) == selection.cost_minor
