"""People, their status, and what is told of them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.registry.people.rules import NEXT, Status, band, is_child, month_of, move
from solidary.language.codes.people import AgeBand
from solidary.language.problems import NotAllowed


@given(st.sampled_from(Status), st.sampled_from(Status))
def test_a_status_follows_the_table(status, to):
    if to in NEXT[status]:
        assert move(status, to) is to
    else:
        with pytest.raises(NotAllowed):
            move(status, to)


@given(st.dates(date(1920, 1, 1), date(2026, 11, 22)))
def test_the_band_of_a_birth_month_is_right_or_one_month_early(born):
    on = date(2026, 11, 22)
    coarse = band(month_of(born), on)
    assert coarse in {AgeBand.of_birth(born, on), AgeBand.of_birth(born, on.replace(day=30))}


@pytest.mark.parametrize(
    ("born", "expected"), [(date(2008, 11, 23), True), (date(2008, 11, 22), False), (None, False)]
)
def test_a_child_is_one_until_the_eighteenth_birthday(born, expected):
    assert is_child(born, date(2026, 11, 22)) is expected


async def test_a_person_is_read_by_their_own_agency(api, desk, other_desk, register):
    known = await register()
    person = (await api.get(f"/people/{known.mother}", headers=desk)).json()
    assert person["identity"]["given_name"] == "Yuleisy"
    assert person["identity"]["phones"] == [{"number": "+50761234567", "safe": True, "shared": False}]
    assert (await api.get(f"/people/{known.mother}", headers=other_desk)).status_code == 404


async def test_a_visit_is_recorded_with_a_sealed_note(api, desk, other_desk, register):
    known = await register()
    said = {"centre": "pao_la_chorrera", "reason": "first_orientation", "note": "Llegó con su familia."}
    visit = await api.post(f"/people/{known.mother}/visits", json=said, headers=desk)
    assert visit.status_code == 201
    assert (await api.get(visit.headers["location"], headers=desk)).json() == visit.json()
    assert visit.json()["note"] == said["note"]
    assert (await api.get(visit.headers["location"], headers=other_desk)).status_code == 404
    assert (
        await api.post(f"/people/{known.mother}/visits", json=said, headers=other_desk)
    ).status_code == 404


@pytest.mark.parametrize("to", ["verified", "registered", "merged"])
async def test_a_registered_person_can_only_be_verified(api, desk, register, to):
    known = await register()
    answer = await api.post(f"/people/{known.mother}/status", json={"to": to}, headers=desk)
    assert answer.status_code == {"verified": 200, "registered": 409, "merged": 422}[to]
