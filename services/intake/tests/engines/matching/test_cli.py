from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from intake.__main__ import app
from typer.testing import CliRunner

run = CliRunner().invoke

A = """id,given_name,surname,date_of_birth
1,Rosa Elena,Cevallos Huamán,1984-03-05
2,Pepe,Tenorio Mina,1990-10-10
"""
B = "id;nombres;apellidos;nacimiento\nx;José;Tenorio Mina;10/10/1990\ny;Roza;Zeballos;5/3/1984\n"


def _file(folder: Path, name: str, text: str | bytes) -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_two_files_are_matched_and_each_pair_is_explained(tmp_path: Path) -> None:
    b = B.replace(";", ",").replace("nombres,apellidos,nacimiento", "given_name,surname,date_of_birth")
    out = tmp_path / "pairs.csv"
    result = run(
        app, ["match", _file(tmp_path, "a.csv", A), _file(tmp_path, "b.csv", b), "--out", str(out), "--json"]
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) | {"seconds": 0} == {
        "records_a": 2,
        "records_b": 2,
        "pairs": 2,
        "seconds": 0,
    }
    with out.open(encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    assert list(rows[0]) == ["id_a", "id_b", "score", "explanation"]
    assert [(row["id_a"], row["id_b"]) for row in rows] == [("1", "y"), ("2", "x")]
    assert all(float(row["score"]) >= 0.5 for row in rows)
    assert "cevallos ~ zeballos, sound" in rows[0]["explanation"]


def test_renamed_columns_and_semicolons_are_read(tmp_path: Path) -> None:
    out = tmp_path / "pairs.csv"
    twice = B + "z;Pepe;Tenorio;1990\n"
    named = ["given_name=nombres", "surname=apellidos", "date_of_birth=nacimiento"]
    options = [word for name in named for word in ("--column", name)]
    result = run(
        app, ["dedupe", _file(tmp_path, "b.csv", twice), "--out", str(out), "--threshold", "0.01", *options]
    )
    assert result.exit_code == 0, result.output
    assert [line.split(",")[:2] for line in out.read_text(encoding="utf-8").splitlines()[1:]] == [["x", "z"]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1: One of the columns given_name, surname is required"),
        ("id,given_name,surname\n1,Rosa\n", "line 2: The row has 2 cells, but the header has 3"),
        ("id,given_name\n1,Rosa\n1,Luz\n", "line 3: The id 1 is already on line 2."),
        ("id,given_name\n,Rosa\n", "line 2: The record has no id."),
        ("id,nombre\n1,Rosa\n", "line 1: One of the columns given_name, surname is required"),
        ('id,given_name\n1,"Rosa\n', "line 2"),
        ("id,given_name\n1,Jos\xe9\n".encode("latin-1"), "not in UTF-8"),
    ],
)
def test_a_broken_file_is_refused_with_its_line_and_nothing_is_written(
    tmp_path: Path, text: str | bytes, reason: str
) -> None:
    out = tmp_path / "pairs.csv"
    result = run(app, ["dedupe", _file(tmp_path, "a.csv", text), "--out", str(out)])
    assert result.exit_code == 1
    assert reason in result.stderr
    assert "a.csv" in result.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "a.csv"]


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        (["--column", "surname=apellidos"], 1, "The header has no column apellidos"),
        (["--column", "height=estatura"], 2, "FIELD is one of"),
        (["--threshold", "1.5"], 2, "threshold"),
    ],
)
def test_a_wrong_option_is_reported(tmp_path: Path, options: list[str], code: int, reason: str) -> None:
    a = _file(tmp_path, "a.csv", A)
    result = run(app, ["dedupe", a, "--out", str(tmp_path / "pairs.csv"), *options])
    assert result.exit_code == code
    assert reason in result.stderr


def test_a_missing_file_or_folder_is_reported(tmp_path: Path) -> None:
    absent = run(app, ["dedupe", str(tmp_path / "absent.csv"), "--out", str(tmp_path / "pairs.csv")])
    assert absent.exit_code == 1
    assert "absent.csv" in absent.stderr
    a = _file(tmp_path, "a.csv", A)
    nowhere = run(app, ["dedupe", a, "--out", str(tmp_path / "nowhere" / "pairs.csv")])
    assert nowhere.exit_code == 1
    assert "This folder does not exist" in nowhere.stderr
