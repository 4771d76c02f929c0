from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from cash.engines.scores import rules
from cash.engines.scores.rules import ConsumptionGroup, FoodSecurity, LivelihoodCoping
from hypothesis import given
from hypothesis import strategies as st

days = st.integers(0, 7)
foods = st.fixed_dictionaries(dict.fromkeys(rules.FOOD_WEIGHTS, days))
strategies = st.fixed_dictionaries(dict.fromkeys(rules.COPING_WEIGHTS, days))


def test_week_of_all_foods_scores_112_and_of_staples_14() -> None:
    assert rules.food_consumption_score(dict.fromkeys(rules.FOOD_WEIGHTS, 7)) == 112
    assert rules.food_consumption_score({**dict.fromkeys(rules.FOOD_WEIGHTS, 0), "FCSStap": 7}) == 14


@given(foods, st.sampled_from(list(rules.FOOD_WEIGHTS)))
def test_one_more_day_of_a_food_adds_its_weight(eaten: dict[str, int], food: str) -> None:
    if eaten[food] < 7:
        more = rules.food_consumption_score({**eaten, food: eaten[food] + 1})
        assert more - rules.food_consumption_score(eaten) == rules.FOOD_WEIGHTS[food]


@pytest.mark.parametrize(
    ("score", "usual", "sugar_and_oil"),
    [
        (0, 1, 1),
        (21, 1, 1),
        ("21.5", 2, 1),
        (28, 2, 1),
        ("28.5", 2, 2),
        (35, 2, 2),
        ("35.5", 3, 2),
        (42, 3, 2),
        ("42.5", 3, 3),
        (112, 3, 3),
    ],
)
def test_thresholds_belong_to_the_worse_group(score: str | int, usual: int, sugar_and_oil: int) -> None:
    assert rules.consumption_group(Fraction(score)) == usual
    assert rules.consumption_group(Fraction(score), rules.SUGAR_AND_OIL_THRESHOLDS) == sugar_and_oil


@given(strategies)
def test_coping_index_is_the_sum_of_weighted_days(used: dict[str, int]) -> None:
    index = rules.reduced_coping_index(used)
    assert 0 <= index <= 56
    assert index == sum(used.values()) + used["rCSIBorrow"] + 2 * used["rCSIMealAdult"]


@pytest.mark.parametrize(("index", "phase"), [(0, 1), (3, 1), (4, 2), (18, 2), (19, 3), (56, 3)])
def test_phases_begin_at_four_and_nineteen(index: int, phase: int) -> None:
    assert rules.coping_phase(Fraction(index)) == phase


@pytest.mark.parametrize("wrong", [-1, 8])
def test_more_than_seven_days_are_refused(wrong: int) -> None:
    with pytest.raises(ValueError, match="not a number of days in a week"):
        rules.food_consumption_score({**dict.fromkeys(rules.FOOD_WEIGHTS, 0), "FCSPr": wrong})
    with pytest.raises(ValueError, match="not a number of days in a week"):
        rules.reduced_coping_index({**dict.fromkeys(rules.COPING_WEIGHTS, 0), "rCSIBorrow": wrong})


@pytest.mark.parametrize(
    ("share", "grade"),
    [("0", 1), ("0.4999", 1), ("0.5", 2), ("0.65", 3), ("0.7499", 3), ("0.75", 4), ("1", 4)],
)
def test_food_share_class_includes_its_lower_bound(share: str, grade: int) -> None:
    assert rules.food_share_class(Fraction(share)) == grade


def test_gravest_strategy_determines_the_class() -> None:
    for stress, crisis, emergency in product([False, True], repeat=3):
        gravest = max(1, 2 * stress, 3 * crisis, 4 * emergency)
        assert rules.gravest_coping(stress=stress, crisis=crisis, emergency=emergency) == gravest


def test_spending_equal_to_the_basket_meets_it() -> None:
    assert rules.is_basket_met(Fraction(100), Fraction(100))
    assert not rules.is_basket_met(Fraction(99), Fraction(100))


def test_basket_cannot_be_met_without_the_survival_basket() -> None:
    grades = [
        rules.essential_needs_class(meets_basket=met, meets_survival_basket=survival)
        for met, survival in [(True, True), (False, True), (False, False)]
    ]
    assert grades == [1, 3, 4]
    with pytest.raises(ValueError, match="SMEB, which is a part of it"):
        rules.essential_needs_class(meets_basket=True, meets_survival_basket=False)


@pytest.mark.parametrize(
    ("consumption", "index", "coping", "economy", "security"),
    [
        (ConsumptionGroup.ACCEPTABLE, 0, LivelihoodCoping.NONE, 1, FoodSecurity.SECURE),
        (ConsumptionGroup.ACCEPTABLE, 4, LivelihoodCoping.STRESS, 3, FoodSecurity.MARGINALLY_SECURE),
        (ConsumptionGroup.BORDERLINE, 10, LivelihoodCoping.CRISIS, 4, FoodSecurity.MODERATELY_INSECURE),
        (ConsumptionGroup.POOR, 20, LivelihoodCoping.EMERGENCY, 4, FoodSecurity.SEVERELY_INSECURE),
        # A half goes to the graver class: (1 + 2) / 2.
        (ConsumptionGroup.ACCEPTABLE, 3, LivelihoodCoping.NONE, 3, FoodSecurity.MARGINALLY_SECURE),
        # An rCSI of 4 or more moves the acceptable group alone: (4 + 1) / 2 = 2.5.
        (ConsumptionGroup.POOR, 4, LivelihoodCoping.NONE, 1, FoodSecurity.MODERATELY_INSECURE),
    ],
)
def test_cari_is_the_mean_of_status_and_capacity(
    consumption: ConsumptionGroup, index: int, coping: LivelihoodCoping, economy: int, security: FoodSecurity
) -> None:
    assert rules.food_security(consumption, Fraction(index), coping, economy) == security


@given(
    st.sampled_from(ConsumptionGroup),
    st.integers(0, 56),
    st.sampled_from(LivelihoodCoping),
    st.sampled_from([1, 2, 3, 4]),
)
def test_worse_coping_never_improves_food_security(
    consumption: ConsumptionGroup, index: int, coping: LivelihoodCoping, economy: int
) -> None:
    found = rules.food_security(consumption, Fraction(index), coping, economy)
    assert rules.food_security(consumption, Fraction(index), LivelihoodCoping.EMERGENCY, economy) >= found
    assert rules.food_security(consumption, Fraction(index), coping, 4) >= found
    assert rules.food_security(consumption, Fraction(56), coping, economy) >= found
    assert rules.food_security(ConsumptionGroup.POOR, Fraction(index), coping, economy) >= found
