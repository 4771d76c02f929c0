"""Codes as people write them, kinds of a pack, hours of a centre, and counts of reports."""

from __future__ import annotations

from datetime import datetime, time
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.centres.places.rules import Opening, Weekday, is_open_at
from intake.complaints.cases.rules import derive_code, hash_code, show_code
from intake.registry.encryption.rules import InstanceKey
from intake.statistics.complaint_reports.rules import ReportedGroup, count_reports
from solidary.language.country import Complaints
from solidary.language.country.complaints import KINDS

KEY = InstanceKey(["w" * 32], ["s" * 32], "d" * 32)


@given(st.uuids())
def test_code_is_the_same_however_a_person_writes_it(reference):
    code = derive_code(KEY, reference)
    assert len(code) == 20
    shown = show_code(code)
    written = {shown, shown.lower(), code, f" {shown} ", shown.replace("0", "O").replace("1", "l")}
    assert {hash_code(each) for each in written} == {hash_code(code)}


@pytest.mark.parametrize("text", ["", "-", "K7QM", "K" * 21, "U" * 20, "ñ" * 20, "K7QM-2X9F-4TBA-0R5C-W8N!"])
def test_text_that_is_no_code_opens_nothing(text):
    assert hash_code(text) is None


def test_code_depends_on_the_secret_and_on_every_reference():
    references = [uuid4() for _ in range(200)]
    codes = {derive_code(KEY, each) for each in references}
    other = InstanceKey(["w" * 32], ["s" * 32], "e" * 32)
    assert len(codes) == 200
    assert not codes & {derive_code(other, each) for each in references}


@pytest.mark.parametrize("code", ["exploitation_and_abuse", "fraud", "staff_conduct"])
def test_no_pack_opens_a_sensitive_kind_or_leaves_it_out(code):
    opened = KINDS[code].model_copy(update={"sensitive": False})
    for kinds in ({**KINDS, code: opened}, {name: kind for name, kind in KINDS.items() if name != code}):
        with pytest.raises(ValueError, match=code):
            Complaints(kinds=kinds)


def test_sensitive_kind_is_in_no_count():
    counted = KINDS["fraud"].model_copy(update={"discrimination": True})
    with pytest.raises(ValueError, match="is in no count"):
        Complaints(kinds={**KINDS, "fraud": counted})


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-30T07:59", False),
        ("2026-11-30T08:00", True),
        ("2026-11-30T11:59", True),
        ("2026-11-30T12:00", False),
        ("2026-11-30T13:00", True),
        ("2026-11-29T09:00", False),
    ],
)
def test_centre_is_open_within_its_hours(moment, expected):
    openings = [
        Opening((Weekday.MONDAY,), time(8), time(12)),
        Opening((Weekday.MONDAY, Weekday.TUESDAY), time(13), time(16)),
    ]
    assert is_open_at(openings, datetime.fromisoformat(moment)) is expected


def test_reports_below_k_are_withheld_with_those_by_which_they_could_be_derived():
    groups = [
        ReportedGroup("PA1", "xenophobia", 30),
        ReportedGroup("PA1", "discrimination", 2),
        ReportedGroup("PA2", "xenophobia", 14),
        ReportedGroup("PA3", "xenophobia", 3),
    ]
    table = count_reports(groups, areas=["PA1", "PA2", "PA3"], kinds=["xenophobia", "discrimination"], k=10)
    assert table.published[()] == 49
    assert all(count >= 10 for count in table.published.values())
    assert (("area", "PA3"),) in table.withheld
    assert (("area", "PA1"), ("kind", "discrimination")) not in table.published
