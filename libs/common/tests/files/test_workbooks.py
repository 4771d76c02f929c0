"""Workbooks from outside: read as CSV would be, and refused where they would fill the memory."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from solidary.files import workbooks
from solidary.files.command_line import InvalidInput
from solidary.files.workbooks import read_sheet


def saved(folder: Path, *rows: list[object]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / "sheet.xlsx")
    return folder / "sheet.xlsx"


def packed(folder: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(folder / "made.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return folder / "made.xlsx"


def refusal(path: Path, most_rows: int = 1000) -> str:
    with pytest.raises(InvalidInput) as caught:
        list(read_sheet(path, ["name"], most_rows=most_rows))
    return caught.value.reason


def test_cells_are_read_as_csv_would_have_them(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        ["name", "born", "number", "safe", "share"],
        ["  Ana\u200b  Ejemplo ", date(1991, 4, 12), 8123457, True, 0.5],
        [None, None, None, None, None],
        ["Luis", datetime(2026, 8, 3), 12.0, False],
    )
    first, second = read_sheet(path, ["name"], most_rows=10)
    assert first.cells == {
        "name": "Ana Ejemplo",
        "born": "1991-04-12",
        "number": "8123457",
        "safe": "true",
        "share": "0.5",
    }
    assert (first.line, second.line) == (2, 4)
    assert second.cells == {
        "name": "Luis",
        "born": "2026-08-03",
        "number": "12",
        "safe": "false",
        "share": "",
    }


@pytest.mark.parametrize(
    ("value", "reason"), [("=1+1", "formula"), (10**16, "15 digits"), ("#REF!", "error of the spreadsheet")]
)
def test_cell_that_is_not_its_value_is_named_and_its_row_is_read(
    tmp_path: Path, value: object, reason: str
) -> None:
    first, second = read_sheet(
        saved(tmp_path, ["name", "number"], ["Ana", value], ["Luis", 1]), ["name"], most_rows=9
    )
    assert reason in first.unreadable["number"]
    assert (first["name"], first["number"], second.unreadable) == ("Ana", "", {})


def test_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_bytes(b"name\nAna\n")
    (tmp_path / "locked.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    assert "not an XLSX workbook" in refusal(tmp_path / "text.xlsx")
    assert "password" in refusal(tmp_path / "locked.xlsx")
    assert "cannot be read" in refusal(packed(tmp_path, {"hello.txt": b"hello"}))


def test_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = packed_bomb(tmp_path)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("a part was unpacked"))
    assert bomb.stat().st_size < 200_000
    assert "when it is unpacked" in refusal(bomb)


def packed_bomb(folder: Path) -> Path:
    path = folder / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(workbooks.MAX_UNPACKED + 1))
    return path


def test_many_parts_are_refused(tmp_path: Path) -> None:
    assert "unpacked" in refusal(packed(tmp_path, {f"part{number}": b"" for number in range(600)}))


def test_two_million_cells_are_refused(tmp_path: Path) -> None:
    """20,000 rows of 100 cells, which pack into some hundred kilobytes."""
    parts = saved(tmp_path, ["name"])
    with zipfile.ZipFile(parts) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    row = b"<row>" + b'<c t="n"><v>1</v></c>' * 100 + b"</row>"
    kept["xl/worksheets/sheet1.xml"] = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + row * 20_000
        + b"</sheetData></worksheet>"
    )
    assert "when it is unpacked" in refusal(packed(tmp_path, kept))


def test_rows_and_columns_have_limits_wherever_their_cells_stand(tmp_path: Path) -> None:
    assert "more than 2 rows" in refusal(saved(tmp_path, ["name"], *([["Ana"]] * 3)), most_rows=2)
    assert "behind column 100" in refusal(saved(tmp_path, ["name", *map(str, range(100))]))
    for far, reason in (
        ("C2", "behind the last column"),
        ("XFD2", "behind column 100"),
        ("A1048576", "more than 9 rows"),
    ):
        book = Workbook()
        book.active["A1"], book.active["A2"], book.active[far] = "name", "Ana", "far"
        book.save(tmp_path / "far.xlsx")
        assert reason in refusal(tmp_path / "far.xlsx", most_rows=9)


def test_header_is_checked_as_that_of_a_table(tmp_path: Path) -> None:
    assert "no column name" in refusal(saved(tmp_path, ["other"], ["Ana"]))
    assert "twice" in refusal(saved(tmp_path, ["name", "name"], ["Ana", "Ana"]))
