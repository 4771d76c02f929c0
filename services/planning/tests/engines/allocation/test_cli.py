"""Tests of the command `python -m planning allocate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from planning.__main__ import app
from typer.testing import CliRunner

from .test_pabulib import PLAIN


@pytest.fixture
def election(tmp_path: Path) -> Path:
    path = tmp_path / "town.pb"
    path.write_text(PLAIN)
    return path


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["allocate", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_the_rule_of_the_file_is_the_default(election: Path) -> None:
    code, out, _ = run(election, "--json")
    outcome = json.loads(out)
    assert code == 0
    assert outcome.pop("seconds") >= 0
    assert outcome == {"rule": "greedy", "completion": "none", "selected": ["1"], "cost": 60, "budget": 100}


@pytest.mark.parametrize(
    ("own", "options", "rule", "completion"),
    [
        ("equalshares", [], "equalshares", "none"),
        ("equalshares/add1", [], "equalshares", "add1"),
        ("equalshares/add1", ["--completion", "none"], "equalshares", "none"),
        ("greedy", ["--rule", "equalshares"], "equalshares", "add1"),
        ("greedy\nmin_project_score_threshold;2", [], "greedy-threshold", "none"),
        ("greedy\nmin_project_score_threshold;2", ["--rule", "greedy"], "greedy", "none"),
        ("greedy-no-skip", [], "greedy-no-skip", "none"),
    ],
)
def test_rule_and_completion(
    election: Path, own: str, options: list[str], rule: str, completion: str
) -> None:
    election.write_text(PLAIN.replace("rule;greedy", f"rule;{own}"))
    code, out, err = run(election, "--json", *options)
    assert code == 0, err
    outcome = json.loads(out)
    assert (outcome["rule"], outcome["completion"]) == (rule, completion)


@pytest.mark.parametrize(
    ("own", "options", "why"),
    [
        ("greedy-custom", [], "The file's rule greedy-custom is not supported. Choose a rule with --rule."),
        ("unknown", [], "Choose a rule with --rule."),
        ("equalshares/add1-comparison", [], "The file's rule equalshares/add1-comparison is not supported."),
        ("greedy", ["--rule", "greedy-threshold"], "min_project_score_threshold"),
        ("greedy", ["--completion", "add1"], "The completion add1 belongs to equalshares, not to greedy."),
    ],
)
def test_an_unsupported_request_exits_2_with_the_reason(
    election: Path, own: str, options: list[str], why: str
) -> None:
    election.write_text(PLAIN.replace("rule;greedy", f"rule;{own}"))
    code, out, err = run(election, *options)
    assert (code, out) == (2, "")
    assert why in err


def test_a_broken_file_exits_1_and_writes_no_account(election: Path, tmp_path: Path) -> None:
    election.write_text(PLAIN + "v3;9\n")
    code, out, err = run(election, "--account", tmp_path / "account.json")
    assert (code, out) == (1, "")
    assert f"{election}: line 14: This vote names project 9, which PROJECTS does not list." in err
    assert [path.name for path in tmp_path.iterdir()] == ["town.pb"]


def test_the_account_file_sums_to_the_cost(election: Path, tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    code, out, _ = run(election, "--rule", "equalshares", "--account", path)
    account = json.loads(path.read_text())
    assert code == 0
    assert "equalshares/add1: 1 project, 60.00 of 100.00" in out
    assert account["basis"] == "paid"
    assert [entry["amount"] for entry in account["entries"]] == ["30.00", "30.00"]
    assert account["first_unfunded"]["project"] == "2"


@pytest.mark.parametrize(
    "increment", ["1e99999999", "1e-99999999", "nan", "0", "-1", "1/0", "much", "9" * 5000]
)
def test_an_unusable_increment_exits_1(election: Path, increment: str) -> None:
    code, out, err = run(election, "--rule", "equalshares", f"--increment={increment}")
    assert (code, out) == (1, "")
    assert "--increment" in err


def test_an_increment_may_be_a_decimal_or_a_fraction(election: Path) -> None:
    for increment in ("0.01", "1/3", "1e-2"):
        assert run(election, "--rule", "equalshares", "--increment", increment)[0] == 0


def test_the_text_states_the_missing_money_and_votes(election: Path) -> None:
    _, out, _ = run(election, "--rule", "equalshares")
    assert "nearest unfunded: 2, " in out
    assert "additional vote" in out
    assert "would have funded it)" in out
    election.write_text(PLAIN.replace("budget;100", "budget;1"))
    assert "(it costs more than the budget)" in run(election, "--rule", "equalshares")[1]


def test_a_folder_as_output_is_rejected_before_the_input_is_read(election: Path, tmp_path: Path) -> None:
    election.write_text("no election")
    code, out, err = run(election, "--account", tmp_path)
    assert (code, out) == (1, "")
    assert f"{tmp_path}: This is a folder, not a file." in err
