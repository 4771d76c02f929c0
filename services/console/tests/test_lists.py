"""Rows keep their order, a file runs nothing, and the day of an officer begins with what is most urgent."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from console.desk.day.rules import day_sections
from console.lists.tables.rules import BYTE_ORDER_MARK, Cell, file_text, sorted_rows
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def at(**delta: int) -> str:
    return (NOW + timedelta(**delta)).isoformat()


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_file_has_each_text_and_no_cell_that_a_spreadsheet_runs(rows):
    text = file_text(["=A", "B"], [[Cell(value) for value in row] for row in rows])
    assert text.startswith(BYTE_ORDER_MARK)
    read = list(csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")))
    assert read[0] == ["'=A", "B"]
    for row, written in zip(rows, read[1:], strict=True):
        for value, cell in zip(row, written, strict=True):
            assert cell in (value, f"'{value}")
            assert not cell.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_rows_are_in_the_order_of_values_and_empty_ones_are_last():
    rows = [(Cell(text, order),) for text, order in (("c", 2), ("", ""), ("a", 3), ("b", 1))]
    assert [row[0].text for row in sorted_rows(rows, 0)] == ["b", "c", "a", ""]
    assert [row[0].text for row in sorted_rows([(Cell("b"),), (Cell("A"),), (Cell(""),)], 0)] == [
        "A",
        "b",
        "",
    ]


NOTHING = dict.fromkeys(("waiting", "rejected", "needs", "procedures", "consents", "provisional"), ())


def names(**lists):
    return {each.name: each.items for each in day_sections(**{**NOTHING, **lists}, now=NOW)}


def test_day_without_anything_is_empty_and_silent_services_are_named():
    assert names() == {}
    assert set(names(**dict.fromkeys(NOTHING))) == {
        "overdue", "rejected", "deadlines", "needs", "consents", "provisional",
    }  # fmt: skip


def test_referral_is_shown_when_its_answer_is_overdue_or_was_a_rejection_of_late():
    waiting = [{"due_at": at(hours=-1)}, {"due_at": at(hours=1)}, {"due_at": None}]
    rejected = [
        {"ended_at": at(days=-1), "answered_at": None},
        {"ended_at": at(days=-8), "answered_at": None},
    ]
    assert names(waiting=waiting, rejected=rejected) == {"overdue": waiting[:1], "rejected": rejected[:1]}


def test_needs_begin_with_the_most_severe_and_the_oldest():
    needs = [
        {"severity": severity, "day": day}
        for severity, day in (("low", "2026-01-01"), ("high", "2026-03-01"), ("high", "2026-02-01"))
    ]
    assert names(needs=needs)["needs"] == [needs[2], needs[1], needs[0]]


@pytest.mark.parametrize(
    ("state", "deadline", "since", "is_shown"),
    [
        ("informed", "2026-12-10", at(days=-1), True),
        ("informed", "2027-03-01", at(days=-1), False),
        ("submitted", None, at(days=-31), True),
        ("submitted", None, at(days=-29), False),
        ("granted", "2026-12-01", at(days=-90), False),
    ],
)
def test_procedure_is_shown_before_its_deadline_and_when_it_is_silent(state, deadline, since, is_shown):
    procedure = {"state": state, "deadline": deadline, "since": since}
    assert ("deadlines" in names(procedures=[procedure])) is is_shown
