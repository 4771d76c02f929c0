"""Scores of surveyed households: WFP's variable names in, WFP's variable names out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from solidary.files.command_line import InvalidInput
from solidary.files.tables import Row, read_rows

from cash.engines.scores import rules

#: How surveys write that an answer is missing.
MISSING = frozenset({"", "n/a", "na", "."})
STRATEGIES = ("stress_coping_FS", "crisis_coping_FS", "emergency_coping_FS")
MEETS = ("ECMEN_exclAsst", "ECMEN_exclAsst_SMEB")
CAPACITY = ("PCExp_ECMEN", "MEB", "SMEB")

#: Values by WFP's variable names; None where an answer that it needs is missing.
Scores = dict[str, int | float | None]
Thresholds = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Kind:
    """A kind of score: the columns it needs and what it makes of a row (and CARI's thresholds)."""

    needs: tuple[str, ...]
    score: Callable[[Row, Thresholds], Scores]


@dataclass(frozen=True)
class Scored:
    """A household as it was surveyed, its scores, and where the file held another value for one of them."""

    row: Row
    scores: Scores
    differs: list[str]


def score_file(file: Path, kind: str, thresholds: Thresholds = rules.USUAL) -> Iterator[Scored]:
    """Scores each household of a CSV file, row by row.

    A household with an answer missing keeps an empty score: nothing is invented for it. Raises InvalidInput
    with the line of what cannot be an answer.
    """
    for row in read_rows(file, KINDS[kind].needs):
        try:
            scores = KINDS[kind].score(row, thresholds)
        except InvalidInput:
            raise
        except ValueError as error:
            raise row.broken(str(error)) from error
        yield Scored(row, scores, _differences(row, scores))


def _differences(row: Row, scores: Scores) -> list[str]:
    said = {name: _number(row, name) for name in scores if name in row.cells}
    return [
        f"{name} is {row[name]} in the file, {scores[name]} computed"
        for name, value in said.items()
        if value is not None and value != scores[name]
    ]


def _food_consumption(row: Row, thresholds: Thresholds) -> Scores:
    days = _days(row, rules.FOOD_WEIGHTS)
    score = None if days is None else rules.food_consumption_score(days)
    return {"FCS": _shown(score), **_groups(score)}


def _groups(score: Fraction | None) -> Scores:
    return {
        "FCSCat21": None if score is None else rules.consumption_group(score, rules.USUAL),
        "FCSCat28": None if score is None else rules.consumption_group(score, rules.SUGAR_AND_OIL),
    }


def _coping(row: Row, thresholds: Thresholds) -> Scores:
    days = _days(row, rules.COPING_WEIGHTS)
    index = None if days is None else rules.reduced_coping_index(days)
    return {"rCSI": index, "rCSI_phase": None if index is None else rules.coping_phase(Fraction(index))}


def _essential_needs(row: Row, thresholds: Thresholds) -> Scores:
    coping, met = _gravest_coping(row), _met(row)
    needs = (
        None
        if met is None
        else rules.essential_needs_class(meets_basket=met[0], meets_survival_basket=met[1])
    )
    scores: Scores = {
        **_groups(_number(row, "FCS")),
        "Max_coping_behaviourFS": coping,
        **dict(zip(MEETS, (None, None) if met is None else map(int, met), strict=True)),
        "ECMEN_class_4pt": needs,
        "CARI_ECMEN": _food_security(row, thresholds, coping, needs),
    }
    if "FES" in row.cells:
        share = _number(row, "FES", most=1)
        economy = None if share is None else rules.food_share_class(share)
        scores |= {"Foodexp_4pt": economy, "CARI_FES": _food_security(row, thresholds, coping, economy)}
    return scores


def _gravest_coping(row: Row) -> rules.Coping | None:
    stress, crisis, emergency = (_number(row, strategy, most=1) for strategy in STRATEGIES)
    if stress is None or crisis is None or emergency is None:
        return None
    return rules.gravest_coping(stress=bool(stress), crisis=bool(crisis), emergency=bool(emergency))


def _met(row: Row) -> tuple[bool, bool] | None:
    """Whether the MEB and the SMEB are met: from what is spent where that is known, else as surveyed."""
    if row.cells.keys() >= set(CAPACITY):
        capacity, basket, survival = (_number(row, column) for column in CAPACITY)
        if capacity is None or basket is None or survival is None:
            return None
        return rules.meets(capacity, basket), rules.meets(capacity, survival)
    if not row.cells.keys() >= set(MEETS):
        raise row.broken(f"needs the columns {', '.join(MEETS)}, or {', '.join(CAPACITY)}")
    basket, survival = (_number(row, column, most=1) for column in MEETS)
    return None if basket is None or survival is None else (bool(basket), bool(survival))


def _food_security(
    row: Row, thresholds: Thresholds, coping: rules.Coping | None, economy: int | None
) -> rules.Security | None:
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
        if number.denominator != 1 or number > rules.WEEK:
            raise row.broken(f"{column}: {row[column]} is no number of days in a week (0 to 7)")
        days[column] = int(number)
    return days


def _number(row: Row, column: str, *, most: int | None = None) -> Fraction | None:
    return None if row[column].lower() in MISSING else row.number(column, most=most)


def _shown(number: Fraction | None) -> int | float | None:
    return number if number is None else int(number) if number.denominator == 1 else float(number)


KINDS = {
    "fcs": Kind(tuple(rules.FOOD_WEIGHTS), _food_consumption),
    "rcsi": Kind(tuple(rules.COPING_WEIGHTS), _coping),
    "meb": Kind(("FCS", "rCSI", *STRATEGIES), _essential_needs),
}
