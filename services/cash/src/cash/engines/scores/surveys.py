"""Scores of surveyed households: a CSV with WFP's variable names is read, and WFP's variable names are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from solidary.files.command_line import InvalidInput
from solidary.files.tables import Row, read_rows
from solidary.language.numbers import DecimalMark

from cash.engines.scores import rules

#: The cells by which surveys mark a missing answer.
MISSING_ANSWERS = frozenset({"", "n/a", "na", "."})
STRATEGY_COLUMNS = ("stress_coping_FS", "crisis_coping_FS", "emergency_coping_FS")
BASKET_MET_COLUMNS = ("ECMEN_exclAsst", "ECMEN_exclAsst_SMEB")
SPENDING_COLUMNS = ("PCExp_ECMEN", "MEB", "SMEB")

#: Values by WFP's variable names; None where an answer that the score needs is missing.
Scores = dict[str, int | float | None]
Thresholds = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class ScoreDefinition:
    """A kind of score: the columns that it needs, and the function of a row and CARI's thresholds."""

    columns: tuple[str, ...]
    score: Callable[[Row, Thresholds], Scores]


@dataclass(frozen=True)
class ScoredHousehold:
    """A surveyed household with its scores, and a sentence for each column of the file that differs from them."""

    row: Row
    scores: Scores
    differences: list[str]


def score_file(
    file: Path,
    kind: str,
    thresholds: Thresholds = rules.STANDARD_THRESHOLDS,
    decimal: DecimalMark | None = None,
) -> Iterator[ScoredHousehold]:
    """Score each household of a CSV file, row by row.

    A household with a missing answer keeps an empty score. Raises InvalidInput with the line of a value that
    cannot be an answer.
    """
    definition = SCORES[kind]
    for row in read_rows(file, definition.columns, decimal=decimal):
        try:
            scores = definition.score(row, thresholds)
        except InvalidInput:
            raise
        except ValueError as error:
            raise row.error(str(error)) from error
        yield ScoredHousehold(row, scores, _differences(row, scores))


def _differences(row: Row, scores: Scores) -> list[str]:
    in_file = {name: _number(row, name) for name in scores if name in row.cells}
    return [
        f"{name} is {row[name]} in the file, {scores[name]} computed"
        for name, value in in_file.items()
        if value is not None and value != scores[name]
    ]


def _food_consumption(row: Row, thresholds: Thresholds) -> Scores:
    days = _days(row, rules.FOOD_WEIGHTS)
    score = None if days is None else rules.food_consumption_score(days)
    return {"FCS": _as_json_number(score), **_consumption_groups(score)}


def _consumption_groups(score: Fraction | None) -> Scores:
    return {
        "FCSCat21": None if score is None else rules.consumption_group(score, rules.STANDARD_THRESHOLDS),
        "FCSCat28": None if score is None else rules.consumption_group(score, rules.SUGAR_AND_OIL_THRESHOLDS),
    }


def _reduced_coping(row: Row, thresholds: Thresholds) -> Scores:
    days = _days(row, rules.COPING_WEIGHTS)
    index = None if days is None else rules.reduced_coping_index(days)
    return {"rCSI": index, "rCSI_phase": None if index is None else rules.coping_phase(Fraction(index))}


def _essential_needs(row: Row, thresholds: Thresholds) -> Scores:
    coping, met = _gravest_coping(row), _baskets_met(row)
    needs = (
        None
        if met is None
        else rules.essential_needs_class(meets_basket=met[0], meets_survival_basket=met[1])
    )
    scores: Scores = {
        **_consumption_groups(_number(row, "FCS")),
        "Max_coping_behaviourFS": coping,
        **dict(zip(BASKET_MET_COLUMNS, (None, None) if met is None else map(int, met), strict=True)),
        "ECMEN_class_4pt": needs,
        "CARI_ECMEN": _food_security(row, thresholds, coping, needs),
    }
    if "FES" in row.cells:
        share = _number(row, "FES", most=1)
        economy = None if share is None else rules.food_share_class(share)
        scores |= {"Foodexp_4pt": economy, "CARI_FES": _food_security(row, thresholds, coping, economy)}
    return scores


def _gravest_coping(row: Row) -> rules.LivelihoodCoping | None:
    stress, crisis, emergency = (_number(row, strategy, most=1) for strategy in STRATEGY_COLUMNS)
    if stress is None or crisis is None or emergency is None:
        return None
    return rules.gravest_coping(stress=bool(stress), crisis=bool(crisis), emergency=bool(emergency))


def _baskets_met(row: Row) -> tuple[bool, bool] | None:
    """Return whether the MEB and the SMEB are met: from the spending where the file has it, else as surveyed."""
    if row.cells.keys() >= set(SPENDING_COLUMNS):
        capacity, basket, survival = (_number(row, column) for column in SPENDING_COLUMNS)
        if capacity is None or basket is None or survival is None:
            return None
        return rules.is_basket_met(capacity, basket), rules.is_basket_met(capacity, survival)
    if not row.cells.keys() >= set(BASKET_MET_COLUMNS):
        either, other = ", ".join(BASKET_MET_COLUMNS), ", ".join(SPENDING_COLUMNS)
        raise row.error(f"The file needs the columns {either}, or {other}.")
    basket, survival = (_number(row, column, most=1) for column in BASKET_MET_COLUMNS)
    return None if basket is None or survival is None else (bool(basket), bool(survival))


def _food_security(
    row: Row, thresholds: Thresholds, coping: rules.LivelihoodCoping | None, economy: int | None
) -> rules.FoodSecurity | None:
    score, index = _number(row, "FCS"), _number(row, "rCSI")
    if score is None or index is None or coping is None or economy is None:
        return None
    return rules.food_security(rules.consumption_group(score, thresholds), index, coping, economy)


def _days(row: Row, columns: Mapping[str, object]) -> dict[str, int] | None:
    days: dict[str, int] = {}
    for column in columns:
        number = _number(row, column)
        if number is None:
            return None
        if number.denominator != 1 or number > rules.DAYS_PER_WEEK:
            raise row.error(f"{column}: {row[column]} is not a number of days in a week (0 to 7).")
        days[column] = int(number)
    return days


def _number(row: Row, column: str, *, most: int | None = None) -> Fraction | None:
    return None if row[column].lower() in MISSING_ANSWERS else row.number(column, most=most)


def _as_json_number(number: Fraction | None) -> int | float | None:
    return number if number is None else int(number) if number.denominator == 1 else float(number)


SCORES = {
    "fcs": ScoreDefinition(tuple(rules.FOOD_WEIGHTS), _food_consumption),
    "rcsi": ScoreDefinition(tuple(rules.COPING_WEIGHTS), _reduced_coping),
    "meb": ScoreDefinition(("FCS", "rCSI", *STRATEGY_COLUMNS), _essential_needs),
}
