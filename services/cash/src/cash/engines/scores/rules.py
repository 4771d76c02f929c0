"""The scores and classes of food security, as the World Food Programme defines them.

Source: WFP, Consolidated Approach to Reporting Indicators of Food Security (CARI), third edition, 2021, and
the Food Consumption Score and reduced Coping Strategies Index it builds on. Codes are WFP's own. Where WFP's
scripts disagree with each other, docs/using/scores.md explains which one is followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from fractions import Fraction
from math import floor

DAYS_PER_WEEK = 7

#: The weight of each food group, by WFP's variable name; the answer is the number of days of the last seven on
#: which the group was eaten. Condiments have no weight.
FOOD_WEIGHTS: Mapping[str, Fraction] = {
    "FCSStap": Fraction(2),
    "FCSPulse": Fraction(3),
    "FCSDairy": Fraction(4),
    "FCSPr": Fraction(4),
    "FCSVeg": Fraction(1),
    "FCSFruit": Fraction(1),
    "FCSFat": Fraction(1, 2),
    "FCSSugar": Fraction(1, 2),
}
#: The weight of each coping strategy; the answer is the number of days of the last seven on which the household
#: ate cheaper food, borrowed, took smaller portions, let adults eat less for the children, or took fewer meals.
COPING_WEIGHTS: Mapping[str, int] = {
    "rCSILessQlty": 1,
    "rCSIBorrow": 2,
    "rCSIMealSize": 1,
    "rCSIMealAdult": 3,
    "rCSIMealNb": 1,
}


class ConsumptionGroup(IntEnum):
    """A food consumption group, coded as in WFP's FCSCat."""

    POOR = 1
    BORDERLINE = 2
    ACCEPTABLE = 3


#: The highest score that is poor and the highest that is borderline. SUGAR_AND_OIL_THRESHOLDS hold where sugar
#: and oil are eaten daily.
STANDARD_THRESHOLDS = (Fraction(21), Fraction(35))
SUGAR_AND_OIL_THRESHOLDS = (Fraction(28), Fraction(42))


class LivelihoodCoping(IntEnum):
    """The gravest livelihood coping strategy used for food (Max_coping_behaviourFS)."""

    NONE = 1
    STRESS = 2
    CRISIS = 3
    EMERGENCY = 4


class FoodSecurity(IntEnum):
    """A class of CARI."""

    SECURE = 1
    MARGINALLY_SECURE = 2
    MODERATELY_INSECURE = 3
    SEVERELY_INSECURE = 4


def food_consumption_score(days: Mapping[str, int]) -> Fraction:
    """Return the FCS (0 to 112) from the days, 0 to 7, on which each group of FOOD_WEIGHTS was eaten.

    Raises ValueError for other numbers of days.
    """
    return sum((weight * _require_days(days[food]) for food, weight in FOOD_WEIGHTS.items()), Fraction(0))


def consumption_group(
    score: Fraction, thresholds: tuple[Fraction, Fraction] = STANDARD_THRESHOLDS
) -> ConsumptionGroup:
    """Return the group of an FCS by STANDARD_THRESHOLDS (21 and 35) or SUGAR_AND_OIL_THRESHOLDS (28 and 42)."""
    poor, borderline = thresholds
    if score <= poor:
        return ConsumptionGroup.POOR
    return ConsumptionGroup.BORDERLINE if score <= borderline else ConsumptionGroup.ACCEPTABLE


def reduced_coping_index(days: Mapping[str, int]) -> int:
    """Return the rCSI (0 to 56) from the days, 0 to 7, of each strategy of COPING_WEIGHTS.

    Raises ValueError for other numbers of days.
    """
    return sum(weight * _require_days(days[strategy]) for strategy, weight in COPING_WEIGHTS.items())


def coping_phase(index: Fraction) -> int:
    """Return 1, 2 or 3 ("3 and above") by IPC's cut-offs for the rCSI: 0 to 3, 4 to 18, 19 and more."""
    return 1 if index < 4 else 2 if index < 19 else 3


def gravest_coping(*, stress: bool, crisis: bool, emergency: bool) -> LivelihoodCoping:
    """Return the gravest kind of livelihood coping strategy that the household used."""
    if emergency:
        return LivelihoodCoping.EMERGENCY
    if crisis:
        return LivelihoodCoping.CRISIS
    return LivelihoodCoping.STRESS if stress else LivelihoodCoping.NONE


def food_share_class(share: Fraction) -> int:
    """Return the class of a food expenditure share (0 to 1): 1 below 50 %, 2 below 65 %, 3 below 75 %, else 4."""
    return 1 + sum(share >= Fraction(bound, 100) for bound in (50, 65, 75))


def is_basket_met(capacity: Fraction, basket: Fraction) -> bool:
    """Return True where the spending per person and month, without aid, buys the basket per person."""
    return capacity >= basket


def essential_needs_class(*, meets_basket: bool, meets_survival_basket: bool) -> int:
    """Return ECMEN on CARI's scale: 1 meets the MEB, 3 only the survival basket (SMEB), 4 neither; 2 is not used.

    Raises ValueError where the MEB is met and the SMEB, which is a part of it, is not.
    """
    if meets_basket and not meets_survival_basket:
        raise ValueError("The household meets the MEB but not the SMEB, which is a part of it.")
    return 1 if meets_basket else 3 if meets_survival_basket else 4


def food_security(
    group: ConsumptionGroup, coping_index: Fraction, coping: LivelihoodCoping, economy: int
) -> FoodSecurity:
    """Return the class of CARI: the mean of current status and coping capacity, halves to the graver class.

    The current status is the food consumption group on a scale of four, where acceptable is 2 from an rCSI of 4
    on. The coping capacity is the mean of the livelihood coping and of `economy`, which is either
    `essential_needs_class` (preferred) or `food_share_class`.
    """
    status = {ConsumptionGroup.POOR: 4, ConsumptionGroup.BORDERLINE: 3, ConsumptionGroup.ACCEPTABLE: 1}[group]
    if status == 1 and coping_index >= 4:
        status = 2
    capacity = Fraction(coping + economy, 2)
    return FoodSecurity(floor((status + capacity) / 2 + Fraction(1, 2)))


def _require_days(days: int) -> int:
    if not 0 <= days <= DAYS_PER_WEEK:
        raise ValueError(f"{days} is not a number of days in a week.")
    return days
