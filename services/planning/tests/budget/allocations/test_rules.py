from __future__ import annotations

from fractions import Fraction
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from planning.budget.allocations import rules

A, B, C = (UUID(int=n) for n in (1, 2, 3))
COSTS = {A: 60_000, B: 60_000, C: 40_000}


def test_a_minority_gets_its_share_where_the_majority_would_take_all():
    """Six voters want A and B, four want C; money for two: by votes alone C would get nothing."""
    ballots = [("host", [A, B], 6), ("refugee", [C], 4)]
    choice = rules.choose(COSTS, ballots, 100_000, 2)
    assert set(choice.selected) == {A, C}
    assert choice.cost_minor == 100_000
    shares = {share["community"]: share for share in choice.account["communities"]}
    assert (shares["host"]["paid_minor"], shares["refugee"]["paid_minor"]) == (60_000, 40_000)
    assert shares["refugee"]["share_of_voters"] == 0.4
    assert choice.account["first_unfunded"]["action_id"] == str(B)
    votes = {line["action_id"]: (line["community"], line["votes"]) for line in choice.account["votes"]}
    assert votes == {str(A): ("host", 6), str(B): ("host", 6), str(C): ("refugee", 4)}


def test_the_share_of_the_population_stands_beside_the_share_of_voters():
    population = {"host": 900, "refugee": 100}
    choice = rules.choose({A: 100}, [("host", [A], 1), ("refugee", [A], 1)], 1_000, 2, population)
    shares = {share["community"]: share["share_of_population"] for share in choice.account["communities"]}
    assert shares == {"host": 0.9, "refugee": 0.1}


def test_an_endowment_is_told_exactly():
    choice = rules.choose({A: 100}, [("host", [A], 3)], 100, 2)
    assert Fraction(choice.account["endowment"]) >= Fraction(1, 3)


ballot = st.tuples(
    st.sampled_from(["refugee", "migrant", "host"]), st.sets(st.sampled_from([A, B, C])), st.integers(1, 9)
)


@settings(deadline=None)
@given(st.lists(ballot, min_size=1, max_size=8), st.integers(1, 200_000), st.integers(0, 2))
def test_what_the_communities_paid_is_what_the_choice_costs_and_no_more_than_the_budget(
    ballots, budget, decimals
):
    choice = rules.choose(COSTS, ballots, budget, decimals)
    assert choice.cost_minor <= budget
    assert choice.cost_minor == sum(COSTS[action] for action in choice.selected)
    if decimals == 2:
        assert sum(entry["paid_minor"] for entry in choice.account["paid"]) == choice.cost_minor
        assert sum(share["paid_minor"] for share in choice.account["communities"]) == choice.cost_minor
