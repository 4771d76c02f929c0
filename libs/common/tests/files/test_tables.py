from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from solidary.files.command_line import InvalidInput
from solidary.files.tables import read_rows
from solidary.language.numbers import DecimalMark
from solidary.language.text import fold
from solidary_testing.inputs import odd_texts, tables


def written(folder: Path, content: bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"name,jobs\nBakery,3\n",
        b"\xef\xbb\xbfname;jobs\r\nBakery;3\r\n",
        b"name\tjobs\textra\n\nBakery\t 3 \t\n",
        b'"name","jobs"\n"Bakery","3"',
        b'"name", "jobs"\n"Bakery", "3"\n',
    ],
)
def test_table_is_read_from_the_usual_dialects_of_csv(tmp_path: Path, content: bytes) -> None:
    [row] = read_rows(written(tmp_path, content), ["name", "jobs"])
    assert (row.text("name"), row.number("jobs")) == ("Bakery", 3)


def test_record_over_several_lines_has_the_number_of_its_first_line(tmp_path: Path) -> None:
    records = read_rows(written(tmp_path, b'name,jobs\n"two\nlines",1\nlast,2\n'), ["name"])
    assert [row.line for row in records] == [2, 4]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: The header has no column name and no column jobs."),
        (b"name\nBakery\n", "line 1: The header has no column jobs."),
        (
            b"name,jobs,jobs\nBakery,1,1\n",
            "line 1: The header has the column jobs twice, as its columns 2 and 3.",
        ),
        (b"name,jobs\n\nBakery\n", "line 3: The row has 1 cell, but the header has 2."),
        (b"name,jobs\nBakery,1,2\n", "line 2: The row has 3 cells, but the header has 2."),
        (b"name,jobs\nCaf\xe9,1\n", "line 2: The file is not in UTF-8."),
        (b'name,jobs\nA,1\n"Bakery,1\nB,2\n', "line 3: The row cannot be read (unexpected end of data)."),
    ],
)
def test_invalid_table_is_refused_with_its_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(InvalidInput) as refusal:
        list(read_rows(path, ["name", "jobs"]))
    assert str(refusal.value).startswith(f"{path}: {message}")


def test_one_of_several_columns_is_enough(tmp_path: Path) -> None:
    path = written(tmp_path, b"id,surname\n1,Mora\n")
    assert [row["surname"] for row in read_rows(path, ["id"], any_of=["given_name", "surname"])] == ["Mora"]
    with pytest.raises(InvalidInput, match="line 1: One of the columns given_name, name is required"):
        list(read_rows(path, ["id"], any_of=["given_name", "name"]))


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"nowhere\.csv: The file cannot be read: No such file"):
        list(read_rows(tmp_path / "nowhere.csv", []))


@pytest.mark.parametrize(
    ("cell", "number"), [("12", 12), ("0.5", Fraction(1, 2)), ("1e3", 1000), ("+7.", 7), ("0", 0)]
)
def test_number_is_exact(tmp_path: Path, cell: str, number: Fraction) -> None:
    [row] = read_rows(written(tmp_path, f"n\n{cell}\n".encode()), ["n"])
    assert row.number("n") == number


@pytest.mark.parametrize("cell", ["1_000", "1/2", "nan", "inf", "twelve", "-1", "11", "1e9999999", " - "])
def test_cell_without_a_number_within_bounds_is_refused(tmp_path: Path, cell: str) -> None:
    [row] = read_rows(written(tmp_path, f"n,m\n{cell},\n".encode()), ["n"])
    with pytest.raises(InvalidInput, match="line 2: n: "):
        row.number("n", most=10)
    with pytest.raises(InvalidInput, match="line 2: The column m is empty"):
        row.text("m")


@pytest.mark.parametrize("cell", ["150.000", "40,000"])
def test_number_of_two_readings_is_refused_with_its_line_unless_the_mark_is_stated(
    tmp_path: Path, cell: str
) -> None:
    path = written(tmp_path, f"n;m\n{cell};\n".encode())
    with pytest.raises(InvalidInput, match=r"line 2: n: .* may be .* or .*\. Or state the mark .* --decimal"):
        [row.number("n") for row in read_rows(path, ["n"])]
    assert {row.number("n") for mark in DecimalMark for row in read_rows(path, ["n"], decimal=mark)} == {
        int(cell[:-4]),
        int(cell[:-4]) * 1000,
    }


def test_cells_that_look_the_same_are_the_same(tmp_path: Path) -> None:
    path = written(tmp_path, "id\nH-e\u0301\nH-\u200bé\u00a0\n".encode())
    first, second = read_rows(path, ["id"])
    assert first["id"] == second["id"] == "H-é"
    assert (
        str(second.repeated("id")) == f"{path}: line 3: The id 'H-é' occurs twice; it is already on line 2."
    )


def test_cell_with_a_character_that_no_text_may_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"line 2: id: This text has the character U\+0000"):
        list(read_rows(written(tmp_path, b"id\nA\0B\n"), ["id"]))


@given(tables(["id", "name"], odd_texts()))
def test_any_table_is_read_or_refused_with_its_line(
    tmp_path_factory: pytest.TempPathFactory, content: str
) -> None:
    path = written(tmp_path_factory.getbasetemp(), content.encode())
    with suppress(InvalidInput):
        assert all(
            fold(cell) == cell for row in read_rows(path, ["id", "name"]) for cell in row.cells.values()
        )
