"""Tests against the official results of real elections, by the rule that each file names."""

from __future__ import annotations

from pathlib import Path

import pytest
from planning.engines.allocation import Completion, Rule, allocate, pabulib

OFFICIAL = [
    ("Netherlands_Assen_2024", Rule.EQUAL_SHARES, 76_700, 100_000),
    ("Poland_Swiecie_2023", Rule.EQUAL_SHARES, 1_040_337, 1_070_000),
    ("Poland_Warszawa_2017_Las", Rule.GREEDY, 113_800, 113_800),
    ("Poland_Warszawa_2017_Przyczolek_Grochowski", Rule.GREEDY, 101_500, "102533.36"),
    ("Poland_Czestochowa_2025_Podjasnogorska", Rule.GREEDY_THRESHOLD, 136_200, 145_947),
    ("Poland_Lodz_2020_Nr_33", Rule.GREEDY_THRESHOLD, 385_000, 411_000),
    ("Poland_Warszawa_2026_Sielce", Rule.GREEDY_THRESHOLD, 171_000, 846_539),
    ("Poland_Gdynia_2020_Babie_Doly__large", Rule.GREEDY_NO_SKIP, 219_780, 219_780),
    ("Poland_Gdynia_2020_Kamienna_Gora__small", Rule.GREEDY_NO_SKIP, 18_464, 21_130),
    ("Poland_Gdynia_2022_Babie_Doly__large", Rule.GREEDY_NO_SKIP, 227_500, 235_825),
]


@pytest.mark.parametrize(("name", "rule", "cost", "budget"), OFFICIAL, ids=[row[0] for row in OFFICIAL])
def test_the_rule_of_each_file_gives_the_official_selection(
    shared: Path, name: str, rule: Rule, cost: int, budget: int | str
) -> None:
    election = pabulib.read(shared / "pabulib" / f"{name}.pb")
    outcome = allocate(
        election.projects, election.ballots, election.budget, rule, threshold=election.threshold
    )
    assert frozenset(outcome.selected) == election.selected
    assert outcome.cost == cost
    assert str(outcome.budget) == str(budget) or float(outcome.budget) == float(budget)


def test_the_toulouse_file_without_a_selection_is_decided_by_votes(shared: Path) -> None:
    [path] = (shared / "pabulib").glob("France_Toulouse*.pb")
    election = pabulib.read(path)
    outcome = allocate(election.projects, election.ballots, election.budget, Rule.GREEDY)
    assert election.selected is None
    assert outcome.selected == ("163", "162", "164")  # 164 ties with 165 on 17 votes and alone still fits
    assert outcome.completion is Completion.NONE
