"""Columns of sexes and of dates are read as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.__main__ import app
from intake.engines.matching.birth_dates import parse_birth_date
from intake.engines.matching.coded_columns import UnreadableColumn, read_births, read_sexes
from solidary_testing.inputs import written_dates
from typer.testing import CliRunner

PEOPLE = "id,given_name,surname,date_of_birth,sex\n"


@given(st.lists(written_dates(), max_size=8))
def test_dates_are_read_in_every_usual_form(written):
    texts, unreadable = read_births([text for text, _ in written])
    assert [tuple(parse_birth_date(text) or ()) for text in texts] == [
        (day.year, day.month, day.day) for _, day in written
    ]
    assert unreadable == 0


@pytest.mark.parametrize(
    ("cells", "dates"),
    [
        (["05/03/1984", ""], ["05/03/1984", ""]),
        (["03/25/1984", "05/03/1984"], ["1984-03-25", "1984-05-03"]),
        (["30758", "1984"], ["1984-03-17", "1984"]),
        (["17/03/1984 12:00:00 a. m."], ["17/03/1984"]),
    ],
)
def test_column_shows_the_order_of_day_and_month(cells, dates):
    assert read_births(cells) == (dates, 0)


@pytest.mark.parametrize(
    ("cells", "index", "reason"),
    [
        (["25/03/1984", "03/25/1984"], 1, "Some dates have the day first"),
        (["", "17 de marzo", "?"], 1, "No cell of the column is a date that can be read, as '17 de marzo'"),
    ],
)
def test_column_of_dates_that_contradict_or_would_vanish_is_refused(cells, index, reason):
    with pytest.raises(UnreadableColumn, match=reason) as refused:
        read_births(cells)
    assert refused.value.index == index


def test_single_dates_that_cannot_be_read_are_counted():
    assert read_births(["1984-03-17", "in spring"]) == (["1984-03-17", "in spring"], 1)


def test_dates_that_stand_for_an_unknown_birthday_are_no_fault_of_the_column():
    assert read_births(["01/01/1900", "1900-01-01"]) == (["01/01/1900", "1900-01-01"], 0)


def test_sexes_are_coded_by_their_column():
    assert read_sexes(["Mujer", "Hombre", "", "F"]) == ["F", "M", "", "F"]
    assert read_sexes(["H", "M"]) == ["M", "F"]
    with pytest.raises(UnreadableColumn, match="M may be male or «mujer»"):
        read_sexes(["H", "M", "F"])


@pytest.mark.parametrize(
    ("rows", "code", "message"),
    [
        ("1,Rosa,Loor,1984-03-05,Mujer\n2,Rosa,Loor,30746,F\n", 0, ""),
        ("1,Rosa,Loor,1984-03-05,F\n2,Rosa,Loor,in spring,F\n", 0, "note: "),
        (
            "1,Rosa,Loor,1984-03-05,F\n2,Rosa,Loor,1984-03-05,Q\n",
            1,
            "line 3: sex: 'Q' is no sex that can be read.",
        ),
        ("1,Rosa,Loor,,F\n2,Rosa,Loor,in spring,F\n", 1, "line 3: date_of_birth: No cell of the column"),
    ],
)
def test_file_is_read_or_refused_with_the_line_of_an_example(
    tmp_path: Path, rows: str, code: int, message: str
) -> None:
    (tmp_path / "p.csv").write_text(PEOPLE + rows, encoding="utf-8")
    result = CliRunner().invoke(
        app, ["dedupe", str(tmp_path / "p.csv"), "--out", str(tmp_path / "o.csv"), "--threshold", "0"]
    )
    assert result.exit_code == code, result.output
    assert message in result.stderr
    assert code or "sex" in (tmp_path / "o.csv").read_text(encoding="utf-8")
    assert code or "different" not in (tmp_path / "o.csv").read_text(encoding="utf-8")
