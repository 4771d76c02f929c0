"""Equal shares: the exact definition, and floating point that never contradicts it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from planning.engines.allocation import Ballot, Completion, Measure, Profile, Project, Rule, allocate
from planning.engines.allocation.equal_shares import equal_shares
from planning.engines.allocation.exact import ExactPurses
from planning.engines.allocation.purses import Purses, Undecided
from planning.engines.allocation.utility import Utility


@some.composite
def profiles(draw: some.DrawFn) -> Profile:
    """Towns of some size: odd costs, up to forty kinds of ballot."""
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
    return Profile.of(projects, ballots, draw(some.integers(0, 3 * 10**6)))


def by_definition(profile: Profile, utility: Utility, endowment: Fraction) -> tuple[int, ...]:
    """The rule as the paper states it: every ρ worked out anew, exactly, before each purchase."""
    purses, tie_order = ExactPurses(profile, utility, endowment), profile.tie_order()
    left = {c for c, votes in enumerate(profile.votes) if votes}
    while True:
        prices = {c: purses.price(c) for c in left}
        ratios = {c: price / (utility.base[c] or 1) for c, price in prices.items() if price is not None}
        if not ratios:
            return tuple(purses.bought)
        best = min(ratios, key=lambda c: (ratios[c], tie_order[c]))
        purses.buy(best)
        left.remove(best)


@pytest.mark.parametrize("measure", Measure)
@settings(max_examples=80, deadline=None)
@given(profile=profiles())
def test_floating_point_buys_what_the_definition_buys_in_its_order(
    measure: Measure, profile: Profile
) -> None:
    utility = Utility.of(profile, measure)
    outcome = equal_shares(profile, utility)
    assert outcome.bought == by_definition(profile, utility, outcome.endowment)


@settings(max_examples=60, deadline=None)
@given(profile=profiles())
def test_rounds_that_are_jumped_over_would_have_bought_the_same(profile: Profile) -> None:
    utility = Utility.of(profile, Measure.cost)
    step = Fraction(max(1, sum(profile.costs) // (20 * profile.voters)), profile.money_unit)
    kept = equal_shares(profile, utility, increment=step)
    if profile.total(c for c, votes in enumerate(profile.votes) if votes) <= profile.budget:
        return
    endowment, bought = Fraction(profile.budget, profile.voters), ()
    while profile.total(richer := by_definition(profile, utility, endowment)) <= profile.budget:
        bought = richer
        endowment += step * profile.money_unit
    assert kept.bought == bought
    assert kept.endowment == endowment - step * profile.money_unit


@settings(max_examples=60, deadline=None)
@given(profile=profiles())
def test_the_exact_judge_alone_decides_the_same(profile: Profile) -> None:
    utility = Utility.of(profile, Measure.cost)

    def undecided(*_: object) -> None:
        raise Undecided

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Purses, "quote", undecided)
        judged = equal_shares(profile, utility)
    assert judged == equal_shares(profile, utility)


@settings(max_examples=60, deadline=None)
@given(profile=profiles())
def test_every_purse_is_within_its_stated_error_of_the_true_one(profile: Profile) -> None:
    utility = Utility.of(profile, Measure.score)
    start = Fraction(profile.budget, profile.voters)
    exact, floating = ExactPurses(profile, utility, start), Purses(profile, utility)
    floating.fill(start)
    for project in by_definition(profile, utility, start):
        price = exact.price(project)
        assert price is not None
        try:
            quote = floating.quote(project, 0.0)
        except Undecided:
            break
        assert quote is not None
        assert abs(Fraction(quote.at) - price) <= Fraction(quote.margin)
        assert quote.ratio is None or Fraction(*quote.ratio) == price
        exact.buy(project)
        floating.buy(project, quote)
        for held, error, left in zip(floating.left, floating.error, exact.left, strict=True):
            assert abs(Fraction(float(held)) - Fraction(int(left), exact.unit)) <= Fraction(float(error))


def test_a_group_gets_its_share_where_votes_alone_would_give_it_nothing() -> None:
    """60 voters want the three dear projects, 40 the two cheap ones; 1,000 to spend."""
    projects = [Project(one, Fraction(300)) for one in ("a", "b", "c")]
    projects += [Project(one, Fraction(200)) for one in ("x", "y")]
    ballots = [Ballot.approving("a", "b", "c", count=60), Ballot.approving("x", "y", count=40)]
    assert allocate(projects, ballots, 1000, Rule.greedy).selected == ("a", "b", "c")
    assert set(allocate(projects, ballots, 1000, completion=Completion.none).selected) == {"a", "b", "x", "y"}


def test_ties_go_to_more_votes_then_the_lower_cost_then_the_id() -> None:
    """With one unit of utility each, ρ is what a supporter pays: 10 for every project here."""
    projects = [Project("z", Fraction(20)), Project("b", Fraction(10)), Project("a", Fraction(10))]
    ballots = [Ballot.approving("z", "b"), Ballot.approving("z", "a")]
    outcome = allocate(projects, ballots, 40, utility=Measure.cardinality, completion=Completion.none)
    assert outcome.selected == ("z", "a", "b")


def test_a_free_project_that_somebody_wants_is_taken_by_every_rule() -> None:
    projects = [Project("free", Fraction(0)), Project("idle", Fraction(0)), Project("dear", Fraction(9))]
    ballots = [Ballot.approving("free", "dear"), Ballot.approving("dear")]
    for measure in (Measure.cost, Measure.cardinality):
        assert allocate(projects, ballots, 10, utility=measure).selected == ("free", "dear")
    assert "free" in allocate(projects, ballots, 10, Rule.greedy).selected


def test_add1_goes_on_past_an_outcome_to_which_nothing_could_be_added() -> None:
    """b alone leaves 6 of 14, enough for nothing else; with one more per voter c wins instead."""
    projects = [Project("a", Fraction(11)), Project("b", Fraction(8)), Project("c", Fraction(12))]
    ballots = [
        Ballot.approving("b", "c", count=3),
        Ballot.approving("b"),
        Ballot.approving("a", "c", count=2),
    ]
    assert allocate(projects, ballots, 14, completion=Completion.none).selected == ("b",)
    assert allocate(projects, ballots, 14).selected == ("c",)


def test_where_the_budget_pays_for_everything_wanted_add1_ends_with_everything() -> None:
    projects = [
        Project("a", Fraction(90_000)),
        Project("b", Fraction(10_000)),
        Project("unwanted", Fraction(1)),
    ]
    ballots = [Ballot.approving("a"), Ballot.approving("b", count=999)]
    assert set(allocate(projects, ballots, 100_000).selected) == {"a", "b"}


def test_a_million_small_rounds_are_not_walked_one_by_one() -> None:
    """Budgets in pesos: ten million per voter, one peso more at a time."""
    projects = [Project("a", Fraction(60_000_000)), Project("b", Fraction(50_000_001))]
    ballots = [Ballot.approving("a", count=6), Ballot.approving("b", count=4)]
    outcome = allocate(projects, ballots, 100_000_000)
    assert outcome.selected == ("a",)
    assert outcome.endowment == Fraction(50_000_001 // 4)  # one more and b is paid as well, beyond the budget


def test_blank_ballots_are_voters_and_nobody_at_all_funds_nothing() -> None:
    projects = [Project("a", Fraction(10))]
    none = Completion.none
    assert allocate(projects, [Ballot.approving("a"), Ballot({})], 19, completion=none).selected == ()
    assert allocate(projects, [Ballot.approving("a"), Ballot({})], 20, completion=none).selected == ("a",)
    assert allocate(projects, [], 10).selected == ()
