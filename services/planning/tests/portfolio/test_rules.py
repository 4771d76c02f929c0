"""The best set against every set, and reasons that hold."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from planning.portfolio import Action, Infeasible, Minimum, choose

AREAS, PERSPECTIVES, IDS = ("north", "south"), ("housing_habitat", "social_inclusion"), "abcdef"


@some.composite
def tasks(draw: some.DrawFn) -> tuple[list[Action], Fraction, list[Minimum]]:
    ids = IDS[: draw(some.integers(1, len(IDS)))]
    actions = []
    for one in ids:
        others = some.sampled_from([other for other in ids if other != one] or [one])
        named = some.lists(others, max_size=1 if len(ids) > 1 else 0).map(tuple)
        actions.append(
            Action(
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


def meets(chosen: Sequence[Action], budget: Fraction, minima: list[Minimum]) -> bool:
    ids = {action.id for action in chosen}
    return (
        sum(action.cost for action in chosen) <= budget
        and all(ids.issuperset(action.requires) for action in chosen)
        and not any(ids.intersection(action.excludes) for action in chosen)
        and all(
            sum(minimum.counts(action) for action in chosen) >= minimum.actions
            and sum(action.cost for action in chosen if minimum.counts(action)) >= minimum.money
            for minimum in minima
        )
    )


@settings(max_examples=250, deadline=None)
@given(task=tasks())
def test_no_feasible_set_is_worth_more(task: tuple[list[Action], Fraction, list[Minimum]]) -> None:
    actions, budget, minima = task
    sets = [chosen for size in range(len(actions) + 1) for chosen in combinations(actions, size)]
    worth = [sum(action.score for action in chosen) for chosen in sets if meets(chosen, budget, minima)]
    if not worth:
        with pytest.raises(Infeasible):
            choose(actions, budget, minima)
        return
    found = choose(actions, budget, minima)
    chosen = [action for action in actions if action.id in found.selected]
    assert meets(chosen, budget, minima)
    assert found.proven
    assert found.score == max(worth) == found.bound
    assert found.cost == sum(action.cost for action in chosen)


PLAN = [
    Action("school", Fraction(60), 9, "north", "social_inclusion"),
    Action("market", Fraction(50), 8, "south", "socioeconomic_cultural", requires=("road",)),
    Action("road", Fraction(30), 2, "south", "housing_habitat"),
    Action("depot", Fraction(20), 3, "south", "housing_habitat", excludes=("market",)),
]


def test_a_minimum_too_dear_is_named_with_the_budget_that_would_do() -> None:
    minima = [Minimum(area="north", actions=1), Minimum(perspective="socioeconomic_cultural", actions=1)]
    with pytest.raises(Infeasible) as caught:
        choose(PLAN, 120, minima)
    assert set(caught.value.conflict) == {
        "the budget of 120",
        "at least 1 actions for area north",
        "at least 1 actions for perspective socioeconomic_cultural",
        "market requires road",
    }
    assert "a budget of 140 would do" in caught.value.remedies


def test_a_contradiction_without_money_is_named_alone() -> None:
    with pytest.raises(Infeasible) as caught:
        choose(PLAN, 10**6, [Minimum(area="south", actions=3)])
    assert set(caught.value.conflict) == {"at least 3 actions for area south", "depot excludes market"}
    assert caught.value.remedies == ("at least 3 actions for area south: at most 2 can be had",)


def test_an_area_without_actions_is_the_whole_reason() -> None:
    with pytest.raises(Infeasible) as caught:
        choose(PLAN, 100, [Minimum(area="east", money=Fraction(5))])
    assert caught.value.conflict == ("at least 5 money for area east",)


def test_cents_count() -> None:
    pair = [
        Action("a", Fraction("50.01"), 5),
        Action("b", Fraction("49.99"), 5),
        Action("c", Fraction("50"), 5),
    ]
    assert set(choose(pair, 100).selected) in ({"a", "b"}, {"b", "c"})
    assert choose(pair, Fraction("99.98")).score == 5
