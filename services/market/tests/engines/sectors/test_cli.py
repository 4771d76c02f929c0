from __future__ import annotations

import json
from pathlib import Path

import pytest
from market.__main__ import app
from typer.testing import CliRunner, Result

SECTORS = "sector,relevance,growth,feasibility\nCare,5,4,3\nBuilding,4,4,4\nRecycling,5,2,2\n"
BARRIERS = "barrier,severity,share,removability\nbank account,0.5,0.8,0.9\nno permit,1,0.6,0.2\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_sectors_are_ranked_by_score_with_the_stability_of_their_rank(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(SECTORS)
    lines = run("score-sectors", tmp_path / "s.csv").stdout.splitlines()
    assert [line.split()[:3] for line in lines[:3]] == [
        ["1", "4.00", "Care:"],
        ["1", "4.00", "Building:"],
        ["3", "3.00", "Recycling:"],
    ]
    assert lines[3] == "weights changed by ± 25%, 10000 draws, seed 1"
    weights = ("--weight", "relevance=0.6", "--weight", "growth=0.2", "--weight", "feasibility=0.2")
    answer = json.loads(run("score-sectors", tmp_path / "s.csv", *weights, "--json").stdout)
    assert [s["sector"] for s in answer["sectors"]] == ["Care", "Building", "Recycling"]
    assert answer["sectors"][0]["score"] == 4.4
    assert answer["sensitivity"] == {"spread": 0.25, "draws": 10_000, "seed": 1}


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (SECTORS.replace("2,2", "2,9"), [], "line 4: feasibility: 9 is more than 5"),
        (SECTORS.replace("Building", "Care"), [], "line 3: The sector 'Care' occurs twice"),
        (SECTORS.splitlines()[0], [], "The file has no sector."),
        (SECTORS, ["--weight", "relevance=0.9"], "The weights must sum to 1. They sum to 0.9."),
        (SECTORS, ["--weight", "hope=1"], "line 1: The header has no column hope"),
        (SECTORS, ["--weight", "relevance"], "is not a number"),
        (SECTORS, ["--spread", "2"], "The spread must be between 0 and 1."),
    ],
)
def test_invalid_sectors_and_options_are_refused(
    tmp_path: Path, table: str, options: list[str], message: str
) -> None:
    (tmp_path / "s.csv").write_text(table)
    answer = run("score-sectors", tmp_path / "s.csv", *options)
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert message in answer.stderr


def test_barriers_are_ranked_by_priority_with_their_factors(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text(BARRIERS)
    assert run("rank-barriers", tmp_path / "b.csv").stdout.splitlines() == [
        "0.360 = 0.5 × 0.8 × 0.9  bank account",
        "0.120 = 1 × 0.6 × 0.2  no permit",
    ]
    [first, _] = json.loads(run("rank-barriers", tmp_path / "b.csv", "--json").stdout)
    assert first == {"barrier": "bank account", "priority": 0.36}
