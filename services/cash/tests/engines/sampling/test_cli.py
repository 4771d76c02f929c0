from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cash.__main__ import app
from typer.testing import CliRunner, Result


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["sample", *(str(argument) for argument in arguments)])


@pytest.fixture
def hundred(tmp_path: Path) -> Path:
    file = tmp_path / "ids.txt"
    file.write_text("".join(f"PA-{number:04}\n" for number in range(1, 101)))
    return file


def test_size_alone_is_printed() -> None:
    assert run("--population", 1000, "--confidence", 0.95, "--margin", 0.05).stdout == "417\n"
    assert json.loads(run("--population", 1000, "--json").stdout)["size"] == 417


def test_list_gives_the_same_sample_for_the_same_seed(hundred: Path) -> None:
    options = ("--list", hundred, "--margin", 0.2, "--seed", 7)
    first = run("--population", 100, *options)
    size, *chosen = first.stdout.splitlines()
    assert size == "30" == str(len(chosen))
    assert first.stderr == "30 of 100, seed 7\n"
    hundred.write_text("".join(reversed(hundred.read_text().splitlines(keepends=True))))
    assert run(*options).stdout == first.stdout
    assert run(*options[:-1], 8).stdout != first.stdout
    answer = json.loads(run(*options, "--json").stdout)
    assert (answer["sample"], answer["seed"], answer["population"]) == (chosen, "7", 100)


def test_generated_seed_is_printed_and_draws_the_same_sample(hundred: Path) -> None:
    first = json.loads(run("--list", hundred, "--margin", 0.2, "--json").stdout)
    assert (
        run("--list", hundred, "--margin", 0.2, "--seed", first["seed"]).stdout.split()[1:] == first["sample"]
    )
    assert json.loads(run("--list", hundred, "--margin", 0.2, "--json").stdout)["seed"] != first["seed"]


def test_table_gives_its_first_column_or_the_named_one(tmp_path: Path, hundred: Path) -> None:
    table = tmp_path / "households.csv"
    ids = hundred.read_text().split()
    table.write_text("id,name\n" + "".join(f"{name},x{name}\n" for name in ids))
    options = ("--margin", 0.2, "--seed", 7)
    assert run("--list", table, *options).stdout == run("--list", hundred, *options).stdout
    assert run("--list", table, "--column", "name", *options).stdout.split()[1].startswith("xPA-")


def test_sample_is_written_to_a_file(tmp_path: Path, hundred: Path) -> None:
    answer = run("--list", hundred, "--margin", 0.2, "--seed", 7, "--out", tmp_path / "visit.txt")
    assert answer.stdout == "30\n"
    assert len((tmp_path / "visit.txt").read_text().split()) == 30


@pytest.mark.parametrize(
    ("content", "options", "complaint"),
    [
        ("a\nb\n\na\n", (), "ids.txt: line 4: The id 'a' occurs twice; it is already on line 1."),
        ("a\nb\n", ("--population", 3), "ids.txt: The list has 2 ids, but --population is 3."),
        ("a\n\xff\n", (), "ids.txt: line 2: The line is not UTF-8."),
        ("a\n", ("--margin", 5), "The margin must be above 0 and at most 1"),
        ("a\n", ("--confidence", 95), "The confidence must lie between 0 and 1"),
    ],
)
def test_invalid_list_leaves_no_file(
    tmp_path: Path, content: str, options: tuple[object, ...], complaint: str
) -> None:
    (tmp_path / "ids.txt").write_bytes(content.encode("latin-1"))
    answer = run("--list", tmp_path / "ids.txt", *options, "--out", tmp_path / "out.txt")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert complaint in answer.stderr
    assert not (tmp_path / "out.txt").exists()


def test_unwritable_output_is_refused_before_the_draw(tmp_path: Path, hundred: Path) -> None:
    answer = run("--list", hundred, "--margin", 0.2, "--out", tmp_path / "none" / "visit.txt")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "This folder does not exist" in answer.stderr


def test_seed_that_is_not_text_is_refused(hundred: Path) -> None:
    answer = run("--list", hundred, "--seed", os.fsdecode(b"\xff"))
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "The value of --seed is not UTF-8." in answer.stderr


def test_missing_options_are_refused(tmp_path: Path) -> None:
    assert run().exit_code == 2
    assert "Use --population or --list." in run().stderr
    assert run("--population", 9, "--out", tmp_path / "out.txt").exit_code == 2
    assert "No such file" in run("--list", tmp_path / "none.txt").stderr


@pytest.mark.parametrize(("header", "is_taken"), [("PA-0001", False), ("id", True), ("id2", True)])
def test_header_that_looks_like_an_id_is_refused(tmp_path: Path, header: str, is_taken: bool) -> None:
    table = tmp_path / "ids.csv"
    table.write_text(header + "\n" + "".join(f"PA-{number:04}\n" for number in range(2, 30)))
    answer = run("--list", table, "--margin", 0.2)
    assert answer.exit_code == (0 if is_taken else 1)
    assert is_taken or "line 1: The header 'PA-0001' looks like an id." in answer.stderr
    assert run("--list", table, "--margin", 0.2, "--column", header).exit_code == 0


def test_ids_that_look_the_same_occur_twice(tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("H-a\u0301\nb\nH-\u00e1\u00a0\n", encoding="utf-8")
    answer = run("--list", tmp_path / "ids.txt")
    assert answer.exit_code == 1
    assert "line 3: The id 'H-á' occurs twice; it is already on line 1." in answer.stderr
