"""The command `python -m cash entitle` on valid and invalid files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from cash.__main__ import app
from typer.testing import CliRunner, Result

RULE: dict[str, Any] = {
    "name": "Rent",
    "version": 2,
    "currency": "COP",
    "columns": {"size": "whole", "rent": "money", "alone": "truth"},
    "amount": {"kind": "formula", "formula": "min(rent, 100000 * size) / (alone ? 3 : 2)"},
    "rounding": {"unit": "1000", "mode": "half_up"},
    "split": {"parts": 2},
}
HOUSEHOLDS = "household_id,size,rent,alone\nH1,2,150500.50,yes\nH2,3,900000,no\n"


def run(folder: Path, rule: object = RULE, households: str | bytes = HOUSEHOLDS, *more: str) -> Result:
    (folder / "rule.json").write_text(rule if isinstance(rule, str) else json.dumps(rule), "utf-8")
    content = households if isinstance(households, bytes) else households.encode()
    (folder / "households.csv").write_bytes(content)
    out = () if "--out" in more else ("--out", str(folder / "out.csv"))
    files = (str(folder / "rule.json"), str(folder / "households.csv"))
    return CliRunner().invoke(app, ["entitle", *files, *out, *more])


def test_amounts_parts_and_reasons_are_written(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 0
    assert "2 households, 200000.00 COP in total" in result.output
    with (tmp_path / "out.csv").open(encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert first["why"].startswith("min(rent, 100000 * size) / (alone ? 3 : 2) = min(150500.5, 100000 * 2)")
    assert [first[name] for name in ("household_id", "amount", "currency")] == ["H1", "50000.00", "COP"]
    assert [second[name] for name in ("amount", "part_1", "part_2")] == ["150000.00", "75000.00", "75000.00"]


def test_json_gives_the_summary_and_json_lines_every_step(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    result = run(tmp_path, RULE, HOUSEHOLDS, "--out", str(out), "--json", "--language", "es")
    summary = json.loads(result.output)
    assert (summary["households"], summary["total"], summary["currency"]) == (2, "200000.00", "COP")
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [line["minor_units"] for line in lines] == [5_000_000, 15_000_000]
    assert lines[0]["why"][1]["text"].startswith("redondeado a la unidad más cercana")


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("{", "rule.json: line 1, column 2"),
        ("[]", "rule.json: the document: This must be an object."),
        ({**RULE, "cap": "much"}, "rule.json: /cap"),
        ({**RULE, "amount": {"kind": "formula", "formula": 5}}, "rule.json: /amount/formula"),
        ({**RULE, "amount": {"kind": "formula", "formula": "size +"}}, "/amount/formula: line 1, column 6"),
        ({**RULE, "amount": {"kind": "lottery"}}, "rule.json: /amount"),
        ({**RULE, "multiplier": {"column": "Size"}}, "rule.json: /multiplier"),
        (
            '{"name": "a", "name": "b"}',
            "«name» twice: at line 1, column 2 and at line 1, column 15.",
        ),
        ("[" * 100_000, "rule.json"),
        ("9" * 5000, "rule.json"),
    ],
)
def test_invalid_rule_is_refused_with_its_place(tmp_path: Path, rule: object, place: str) -> None:
    result = run(tmp_path, rule)
    assert result.exit_code == 1
    assert place in result.output
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("households", "message"),
    [
        ("household_id,size,rent\nH1,2,1\n", "line 1: The header has no column alone"),
        (HOUSEHOLDS + "H3,2.5,1,no\n", "line 4: size: 2.5 is not a whole number"),
        (HOUSEHOLDS + "H3,2,-1,no\n", "line 4: rent: -1 is less than 0"),
        (HOUSEHOLDS + "H3,2,,no\n", "line 4: rent: '' is not a number"),
        (HOUSEHOLDS + "H3,2,1,perhaps\n", "line 4: alone: 'perhaps' is neither yes nor no"),
        (HOUSEHOLDS + "H1,2,1,no\n", "line 4: The household_id 'H1' occurs twice; it is already on line 2."),
        (HOUSEHOLDS + ",2,1,no\n", "line 4: The column household_id is empty"),
        (HOUSEHOLDS + "H3,2\n", "line 4"),
        (HOUSEHOLDS.encode() + b"H\xf1,2,1,no\n", "line 4: The file is not in UTF-8"),
        ("", "line 1"),
    ],
)
def test_invalid_households_are_refused_with_their_line_and_nothing_is_written(
    tmp_path: Path, households: str | bytes, message: str
) -> None:
    result = run(tmp_path, RULE, households)
    assert result.exit_code == 1
    assert message in result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["households.csv", "rule.json"]


def test_household_without_an_amount_stops_the_file_with_its_line(tmp_path: Path) -> None:
    rule = {**RULE, "amount": {"kind": "formula", "formula": "rent / (size - 3)"}}
    result = run(tmp_path, rule)
    assert result.exit_code == 1
    assert "households.csv: line 3: H2: The formula divides by zero." in result.output


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        ({"formula": "*".join(["size"] * 32)}, "H1: The formula gives a number with more than 100 digits."),
        (
            {"formula": "size * size"},
            "H1: The amount is larger than the largest that can be paid, 9999999999999999.99 COP.",
        ),
        (
            {
                "formula": "s59",
                "steps": [
                    {"name": f"s{at}", "formula": f"s{at - 1} * s{at - 1}" if at else "size / 3"}
                    for at in range(60)
                ],
            },
            "H1: The formula gives a number with more than 100 digits.",
        ),
    ],
)
def test_unpayable_amount_stops_the_file(tmp_path: Path, amount: dict[str, Any], message: str) -> None:
    households = f"household_id,size,rent,alone\nH1,{10**15},1,no\n"
    result = run(tmp_path, {**RULE, "amount": {"kind": "formula", **amount}}, households)
    assert result.exit_code == 1
    assert f"households.csv: line 2: {message}" in result.output
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("size * 0.1234567890123456789012345678", "= 123456789012345.5554444455554543210987654322;"),
        ("size / 7", "= ≈142857142857142.714286;"),
    ],
)
def test_calculation_shows_every_digit_or_marks_the_rounding(
    tmp_path: Path, formula: str, shown: str
) -> None:
    rule = {**RULE, "cap": "1000", "amount": {"kind": "formula", "formula": formula}}
    run(tmp_path, rule, f"household_id,size,rent,alone\nH1,{10**15 - 1},1,no\n")
    assert shown in (tmp_path / "out.csv").read_text("utf-8")


@pytest.mark.parametrize("more", [("--language", "fr"), ("--out", "out.xlsx")])
def test_unsupported_language_and_format_are_refused(tmp_path: Path, more: tuple[str, str]) -> None:
    assert run(tmp_path, RULE, HOUSEHOLDS, *more).exit_code == 2
