"""Tests of the best set against every set, and of the explanation where none is feasible."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from planning.engines.portfolio import InfeasiblePortfolio, Minimum, PortfolioAction, choose_actions
from planning.engines.portfolio.rules import _Model

AREAS, PERSPECTIVES, IDS = ("north", "south"), ("housing_habitat", "social_inclusion"), "abcdef"


@some.composite
def tasks(draw: some.DrawFn) -> tuple[list[PortfolioAction], Fraction, list[Minimum]]:
    ids = IDS[: draw(some.integers(1, len(IDS)))]
    actions = []
    for one in ids:
        others = some.sampled_from([other for other in ids if other != one] or [one])
        named = some.lists(others, max_size=1 if len(ids) > 1 else 0).map(tuple)
        actions.append(
            PortfolioAction(
                one,
                Fraction(draw(some.integers(0, 4000)), 100),
                draw(some.integers(-2, 20)),
                draw(some.sampled_from(AREAS)),
                draw(some.sampled_from(PERSPECTIVES)),
                draw(named),
                draw(named),
            )
        )
    minimum = some.builds(
        Minimum,
        area=some.sampled_from([None, *AREAS]),
        perspective=some.sampled_from(PERSPECTIVES),
        actions=some.integers(0, 2),
        money=some.integers(0, 30).map(Fraction),
    )
    return actions, Fraction(draw(some.integers(0, 100))), draw(some.lists(minimum, max_size=3))


def meets(chosen: Sequence[PortfolioAction], budget: Fraction, minima: list[Minimum]) -> bool:
    ids = {action.id for action in chosen}
    return (
        sum(action.cost for action in chosen) <= budget
        and all(ids.issuperset(action.requires) for action in chosen)
        and not any(ids.intersection(action.excludes) for action in chosen)
        and all(
            sum(minimum.applies_to(action) for action in chosen) >= minimum.actions
            and sum(action.cost for action in chosen if minimum.applies_to(action)) >= minimum.money
            for minimum in minima
        )
    )


@settings(max_examples=250, deadline=None)
@given(task=tasks())
def test_no_feasible_set_has_a_higher_score(
    task: tuple[list[PortfolioAction], Fraction, list[Minimum]],
) -> None:
    actions, budget, minima = task
    sets = [chosen for size in range(len(actions) + 1) for chosen in combinations(actions, size)]
    scores = [sum(action.score for action in chosen) for chosen in sets if meets(chosen, budget, minima)]
    if not scores:
        with pytest.raises(InfeasiblePortfolio):
            choose_actions(actions, budget, minima)
        return
    portfolio = choose_actions(actions, budget, minima)
    chosen = [action for action in actions if action.id in portfolio.selected]
    assert meets(chosen, budget, minima)
    assert portfolio.proven
    assert portfolio.score == max(scores) == portfolio.bound
    assert portfolio.cost == sum(action.cost for action in chosen)


PLAN = [
    PortfolioAction("school", Fraction(60), 9, "north", "social_inclusion"),
    PortfolioAction("market", Fraction(50), 8, "south", "socioeconomic_cultural", requires=("road",)),
    PortfolioAction("road", Fraction(30), 2, "south", "housing_habitat"),
    PortfolioAction("depot", Fraction(20), 3, "south", "housing_habitat", excludes=("market",)),
]


def test_a_minimum_above_the_budget_is_named_with_a_budget_that_would_be_enough() -> None:
    minima = [Minimum(area="north", actions=1), Minimum(perspective="socioeconomic_cultural", actions=1)]
    with pytest.raises(InfeasiblePortfolio) as caught:
        choose_actions(PLAN, 120, minima)
    assert set(caught.value.conflict) == {
        "the budget of 120",
        "at least 1 action for area north",
        "at least 1 action for perspective socioeconomic_cultural",
        "market requires road",
    }
    assert "a budget of 140 would be enough" in caught.value.remedies


def test_a_conflict_without_money_is_named_alone() -> None:
    with pytest.raises(InfeasiblePortfolio) as caught:
        choose_actions(PLAN, 10**6, [Minimum(area="south", actions=3)])
    assert set(caught.value.conflict) == {"at least 3 actions for area south", "depot excludes market"}
    assert caught.value.remedies == ("at least 3 actions for area south: at most 2 actions can be chosen",)


def test_a_minimum_for_an_area_without_actions_is_the_whole_conflict() -> None:
    with pytest.raises(InfeasiblePortfolio) as caught:
        choose_actions(PLAN, 100, [Minimum(area="east", money=Fraction(5))])
    assert caught.value.conflict == ("at least 5 spent for area east",)


def test_costs_are_compared_to_the_cent() -> None:
    pair = [
        PortfolioAction("a", Fraction("50.01"), 5),
        PortfolioAction("b", Fraction("49.99"), 5),
        PortfolioAction("c", Fraction("50"), 5),
    ]
    assert set(choose_actions(pair, 100).selected) in ({"a", "b"}, {"b", "c"})
    assert choose_actions(pair, Fraction("99.98")).score == 5


@some.composite
def expensive_tasks(draw: some.DrawFn) -> tuple[list[PortfolioAction], Fraction, list[Minimum]]:
    """Tasks with costs of seven digits and more, and a budget within one unit of a set of them."""
    digits = draw(some.integers(7, 14))
    costs = draw(some.lists(some.integers(10 ** (digits - 2), 10**digits), min_size=8, max_size=8))
    actions = [
        PortfolioAction(
            f"a{at}", Fraction(cost, 100), draw(some.integers(90, 110)), draw(some.sampled_from(AREAS))
        )
        for at, cost in enumerate(costs)
    ]
    some_of_them = some.sets(some.sampled_from(actions), min_size=1, max_size=6)
    spent, wanted = (sum(action.cost for action in draw(some_of_them)) for _ in range(2))
    near = some.sampled_from([Fraction(-1, 100), Fraction(0), Fraction(1, 100)])
    least = draw(some.none() | some.just(wanted + draw(near)))
    minima = [] if least is None else [Minimum(area="north", money=least)]
    return actions, spent + draw(near), minima


@settings(max_examples=150, deadline=None)
@given(task=expensive_tasks())
def test_one_unit_of_money_decides_at_any_size_of_costs(
    task: tuple[list[PortfolioAction], Fraction, list[Minimum]],
) -> None:
    actions, budget, minima = task
    sets = [chosen for size in range(len(actions) + 1) for chosen in combinations(actions, size)]
    scores = [sum(action.score for action in chosen) for chosen in sets if meets(chosen, budget, minima)]
    if scores:
        portfolio = choose_actions(actions, budget, minima)
        chosen = [action for action in actions if action.id in portfolio.selected]
        assert meets(chosen, budget, minima)
        assert (portfolio.proven, portfolio.score) == (True, max(scores))
        return
    with pytest.raises(InfeasiblePortfolio) as caught:
        choose_actions(actions, budget, minima)
    enough = [
        sum((a.cost for a in chosen), Fraction(0))
        for chosen in sets
        if meets(chosen, Fraction(10**15), minima)
    ]
    if enough:
        assert f"a budget of {plain(min(enough))} would be enough" in caught.value.remedies
    within = [chosen for chosen in sets if meets(chosen, budget, [])]
    most = max(sum(a.cost for a in chosen if a.area == "north") for chosen in within) if within else None
    assert most is None or any(
        remedy.endswith(f"at most {plain(Fraction(most))} can be spent") for remedy in caught.value.remedies
    )


def plain(amount: Fraction) -> str:
    return str(amount) if amount.denominator == 1 else f"{float(amount):.2f}"


def test_numbers_beyond_floating_point_are_compared_exactly() -> None:
    pair = [PortfolioAction("a", Fraction(10**29 + 1), 5), PortfolioAction("b", Fraction(10**29), 5)]
    assert len(choose_actions(pair, 2 * 10**29 + 1).selected) == 2
    assert len(choose_actions(pair, 2 * 10**29).selected) == 1


def test_without_time_a_conflict_is_not_called_smallest() -> None:
    model = _Model(PLAN, Fraction(120), (Minimum(area="south", actions=3),), deadline=0.0)
    assert model.explain_infeasibility().smallest is False


def test_progress_is_reported_as_nodes_searched() -> None:
    actions = [
        PortfolioAction(f"a{at}", Fraction(1000 + 37 * at % 97), 500 + 53 * at % 89) for at in range(30)
    ]
    progress: list[int] = []
    choose_actions(actions, 9_999, on_progress=progress.append)
    assert progress == sorted(progress)
    assert progress
