from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from market.__main__ import app
from typer.testing import CliRunner, Result

TABLE = """industry,region_t0,region_t1,nation_t0,nation_t1
Farming,50,58,400,480
"Trade, retail",20,22,600,620
Fishing,7,5,300,299
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_lq_prints_the_figure_of_the_reference() -> None:
    assert run("lq", 1714, 79006, 879213, 15593224).stdout == "0.3847623\n"


def test_quotient_of_any_size_is_printed() -> None:
    assert run("lq", 1, 1, 1, "1e999").stdout == f"1{'0' * 999}.0000000\n"
    found = json.loads(run("lq", 1, 1, 1, "1e999", "--json").stdout, parse_float=Decimal)
    assert found == {"location_quotient": Decimal("1e999"), "exact": f"1{'0' * 999}"}
    found = json.loads(run("lq", 1714, 79006, 879213, 15593224, "--json").stdout)
    assert found["location_quotient"] == pytest.approx(float(Fraction(found["exact"])), rel=1e-15)


def test_lq_refuses_figures_in_the_wrong_order() -> None:
    answer = run("lq", 79006, 1714, 879213, 15593224)
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "E_IJ is a part of E_J" in answer.stderr


def test_shift_share_prints_columns_and_rows_that_add_up(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(TABLE)
    answer = run("shift-share", tmp_path / "jobs.csv")
    lines = [line.rsplit(maxsplit=4) for line in answer.stdout.splitlines()]
    assert [line[0] for line in lines] == ["industry", "Farming", "Trade, retail", "Fishing", "total"]
    printed = [[Decimal(cell) for cell in line[1:]] for line in lines[1:]]
    assert all(change == sum(parts) for change, *parts in printed)
    assert printed[-1] == [sum(column) for column in zip(*printed[:-1], strict=True)]
    assert printed[-1][0] == 8


def long_fraction(text: str) -> Fraction:
    """Read a fraction of any length: int() refuses more than 4,300 digits."""
    return Fraction(*(int(Decimal(part)) for part in text.split("/")))


THOUSAND = "industry,region_t0,region_t1,nation_t0,nation_t1\n" + "".join(
    f"{number},{number * 1_000_003},{number * 777_777_777},{number * 7_000_003 + 11},{10**12 + number}\n"
    for number in range(1, 1001)
)


@pytest.mark.parametrize("table", [TABLE, TABLE.replace("58", "1e400"), THOUSAND])
def test_shift_share_as_json_adds_up_as_decimals_and_is_exact_as_fractions(
    tmp_path: Path, table: str
) -> None:
    (tmp_path / "jobs.csv").write_text(table)
    analysis = json.loads(run("shift-share", tmp_path / "jobs.csv", "--json").stdout, parse_float=Fraction)
    parts = ("change", "national", "mix", "regional")
    for part in parts:
        assert sum(entry[part] for entry in analysis["industries"]) == analysis["total"][part]
    for entry in [*analysis["industries"], analysis["total"]]:
        assert entry["change"] == entry["national"] + entry["mix"] + entry["regional"]
        exact = {part: long_fraction(text) for part, text in entry["exact"].items()}
        assert exact["change"] == exact["national"] + exact["mix"] + exact["regional"]
        assert abs(exact["mix"] - entry["mix"]) < Fraction(2, 10**9)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (TABLE.replace("nation_t1", "nation"), "line 1: The header has no column nation_t1"),
        (TABLE.replace("58", "fifty"), "line 2: region_t1: 'fifty' is not a number"),
        (TABLE.replace("Fishing,7", "Fishing,-7"), "line 4: region_t0: -7 is less than 0"),
        (TABLE.replace("Fishing", "Farming"), "line 4: The industry 'Farming' occurs twice"),
        (TABLE.replace("300", "0"), "line 4: Fishing has employment at t0 in the region but none"),
        (TABLE.replace(",299", ""), "line 4: The row has 4 cells, but the header has 5"),
        (TABLE.splitlines()[0], "The nation has no employment at t0"),
    ],
)
def test_invalid_table_is_refused_with_its_line(tmp_path: Path, table: str, message: str) -> None:
    (tmp_path / "jobs.csv").write_text(table)
    answer = run("shift-share", tmp_path / "jobs.csv")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert f"jobs.csv: {message}" in answer.stderr


def test_growth_names_its_method_and_seed(tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text("t0,t1,weight\n" + "10,12,1\n8,7,2\n5,9,1\n" * 5)
    answer = run("growth", tmp_path / "firms.csv", "--seed", 4)
    assert answer.stdout.startswith("+12.90%")
    assert "BCa, 15 businesses, 9,999 resamples, seed 4" in answer.stdout
    found = json.loads(run("growth", tmp_path / "firms.csv", "--json").stdout)
    assert found["low"] < found["growth"] < found["high"]


@pytest.mark.parametrize(
    ("firm", "options", "status", "message"),
    [
        ("1e400,2", (), 1, "firms.csv: line 2: t0: 1e400 is more than"),
        (
            "1,2",
            ("--confidence", ".3"),
            2,
            "error: --confidence must be at least 0.5 and less than 1, as in 0.95. It is 0.3.",
        ),
        (
            "1,2",
            ("--confidence", "nan"),
            2,
            "error: --confidence must be at least 0.5 and less than 1, as in 0.95. It is nan.",
        ),
        ("1,2", ("--resamples", 9), 2, "--resamples"),
    ],
)
def test_growth_refuses_invalid_files_and_options(
    tmp_path: Path, firm: str, options: tuple[object, ...], status: int, message: str
) -> None:
    (tmp_path / "firms.csv").write_text(f"t0,t1\n{firm}\n" + "10,12\n8,7\n" * 5)
    answer = run("growth", tmp_path / "firms.csv", *options)
    assert (answer.exit_code, answer.stdout) == (status, "")
    assert message in answer.stderr


def test_growth_of_a_very_small_sample_is_refused(tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text("t0,t1\n1,2\n")
    answer = run("growth", tmp_path / "firms.csv")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "needs at least 5 businesses. The sample has 1." in answer.stderr
