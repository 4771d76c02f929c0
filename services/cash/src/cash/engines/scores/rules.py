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

WEEK = 7

#: Days of the last seven on which each food group was eaten, by WFP's variable names; condiments weigh nothing.
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
#: Days of the last seven on which a household ate cheaper food, borrowed, took smaller portions, let adults
#: eat less for the children, took fewer meals.
COPING_WEIGHTS: Mapping[str, int] = {
    "rCSILessQlty": 1,
    "rCSIBorrow": 2,
    "rCSIMealSize": 1,
    "rCSIMealAdult": 3,
    "rCSIMealNb": 1,
}


class Consumption(IntEnum):
    """Food consumption groups, coded as in WFP's FCSCat."""

    POOR = 1
    BORDERLINE = 2
    ACCEPTABLE = 3


#: The greatest score that is poor, and the greatest that is borderline; the second where sugar and oil are
#: eaten daily.
USUAL, SUGAR_AND_OIL = (Fraction(21), Fraction(35)), (Fraction(28), Fraction(42))


class Coping(IntEnum):
    """The gravest livelihood coping strategy used for food (Max_coping_behaviourFS)."""

    NONE = 1
    STRESS = 2
    CRISIS = 3
    EMERGENCY = 4


class Security(IntEnum):
    """The four classes of CARI."""

    SECURE = 1
    MARGINALLY_SECURE = 2
    MODERATELY_INSECURE = 3
    SEVERELY_INSECURE = 4


def food_consumption_score(days: Mapping[str, int]) -> Fraction:
    """The FCS (0 to 112) from the days, 0 to 7, on which each group of FOOD_WEIGHTS was eaten."""
    return sum((weight * _within_week(days[food]) for food, weight in FOOD_WEIGHTS.items()), Fraction(0))


def consumption_group(score: Fraction, greatest: tuple[Fraction, Fraction] = USUAL) -> Consumption:
    """Poor, borderline or acceptable, by the thresholds 21/35 (USUAL) or 28/42 (SUGAR_AND_OIL)."""
    poor, borderline = greatest
    if score <= poor:
        return Consumption.POOR
    return Consumption.BORDERLINE if score <= borderline else Consumption.ACCEPTABLE


def reduced_coping_index(days: Mapping[str, int]) -> int:
    """The rCSI (0 to 56) from the days, 0 to 7, of each strategy of COPING_WEIGHTS."""
    return sum(weight * _within_week(days[strategy]) for strategy, weight in COPING_WEIGHTS.items())


def coping_phase(index: Fraction) -> int:
    """1, 2 or 3 ("3 and above"), by IPC's cut-offs for the rCSI: 0 to 3, 4 to 18, 19 and more."""
    return 1 if index < 4 else 2 if index < 19 else 3


def gravest_coping(*, stress: bool, crisis: bool, emergency: bool) -> Coping:
    """The gravest kind of livelihood coping strategy that the household used."""
    if emergency:
        return Coping.EMERGENCY
    if crisis:
        return Coping.CRISIS
    return Coping.STRESS if stress else Coping.NONE


def food_share_class(share: Fraction) -> int:
    """The food expenditure share (0 to 1) as 1 to 4: below 50 %, 65 %, 75 %, and from there on."""
    return 1 + sum(share >= Fraction(bound, 100) for bound in (50, 65, 75))


def meets(capacity: Fraction, basket: Fraction) -> bool:
    """Whether what a household spends (per person and month, without aid) buys the basket (per person)."""
    return capacity >= basket


def essential_needs_class(*, meets_basket: bool, meets_survival_basket: bool) -> int:
    """ECMEN on CARI's scale: 1 meets the MEB, 3 only the survival basket (SMEB), 4 neither; there is no 2.

    Raises ValueError where the MEB is met and the SMEB, which is a part of it, is not.
    """
    if meets_basket and not meets_survival_basket:
        raise ValueError("meets the MEB but not the SMEB, which is a part of it")
    return 1 if meets_basket else 3 if meets_survival_basket else 4


def food_security(consumption: Consumption, coping_index: Fraction, coping: Coping, economy: int) -> Security:
    """CARI: the mean of the current status and of the coping capacity, halves rounded up (the graver).

    The current status is the food consumption group on a scale of four, acceptable being 2 from an rCSI of 4
    on; the coping capacity is the mean of the livelihood coping and of `economy`, which is either
    `essential_needs_class` (preferred) or `food_share_class`.
    """
    status = {Consumption.POOR: 4, Consumption.BORDERLINE: 3, Consumption.ACCEPTABLE: 1}[consumption]
    if status == 1 and coping_index >= 4:
        status = 2
    capacity = Fraction(coping + economy, 2)
    return Security(floor((status + capacity) / 2 + Fraction(1, 2)))


def _within_week(days: int) -> int:
    if not 0 <= days <= WEEK:
        raise ValueError(f"{days} is no number of days in a week")
    return days
