"""People: ages, the state of a registration, and reads by their own agency."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.registry.people.rules import counted_age_band, is_child
from solidary.language.codes.people import AgeBand
from solidary.platform.identity import Duty


@given(st.dates(date(1920, 1, 1), date(2026, 11, 22)))
def test_a_year_of_birth_is_counted_in_an_age_band_half_a_year_off_at_most(born):
    on = date(2026, 11, 22)
    half_a_year = timedelta(days=184)
    near = {
        AgeBand.of_birth(min(born + shift, on), on) for shift in (-half_a_year, timedelta(0), half_a_year)
    }
    assert counted_age_band(born.year, on) in near


@pytest.mark.parametrize(
    ("born", "expected"), [(date(2008, 11, 23), True), (date(2008, 11, 22), False), (None, False)]
)
def test_a_person_is_a_child_until_the_eighteenth_birthday(born, expected):
    assert is_child(born, date(2026, 11, 22)) is expected


async def test_a_person_is_read_by_their_own_agency(api, desk, other_desk, register):
    family = await register()
    person = (await api.get(f"/people/{family.mother}", headers=desk)).json()
    assert person["identity"]["given_name"] == "Yuleisy"
    assert person["identity"]["phones"] == [{"number": "+50761234567", "safe": True, "shared": False}]
    assert (await api.get(f"/people/{family.mother}", headers=other_desk)).status_code == 404


async def test_a_visit_is_recorded_with_its_note(api, desk, other_desk, register):
    family = await register()
    body = {"centre": "pao_la_chorrera", "reason": "first_orientation", "note": "Llegó con su familia."}
    visit = await api.post(f"/people/{family.mother}/visits", json=body, headers=desk)
    assert visit.status_code == 201
    assert (await api.get(visit.headers["location"], headers=desk)).json() == visit.json()
    assert visit.json()["note"] == body["note"]
    assert (await api.get(visit.headers["location"], headers=other_desk)).status_code == 404
    assert (
        await api.post(f"/people/{family.mother}/visits", json=body, headers=other_desk)
    ).status_code == 404


@pytest.mark.parametrize("to", ["verified", "registered", "merged"])
async def test_a_registered_person_can_only_be_verified(api, desk, register, to):
    family = await register()
    response = await api.post(f"/people/{family.mother}/state", json={"to": to}, headers=desk)
    assert response.status_code == {"verified": 200, "registered": 409, "merged": 422}[to]


async def test_a_correction_with_an_unknown_kind_of_document_is_refused(api, desk, register):
    family = await register()
    identity = (await api.get(f"/people/{family.mother}", headers=desk)).json()["identity"]
    identity |= {"documents": [{"kind": "library_card", "number": "EJ-1001"}]}
    refused = await api.put(f"/people/{family.mother}/identity", json=identity, headers=desk)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/documents/0/kind")


async def test_correction_of_statements_is_found_counted_and_has_an_author(
    api, desk, register, tokens, test_database
):
    family = await register()
    path, worker = f"/people/{family.mother}", tokens.of("unhcr", Duty.CASE_WORKER)
    version = (await api.get(f"/households/{family.household}", headers=desk)).json()["version"]
    statements = {"sex": "other", "population_group": "refugee", "language": "hat"}
    reason = {"Solidary-Reason": "person_present"}
    for _ in range(2):
        answer = await api.put(f"{path}/statements", json=statements, headers=worker | reason)
        assert answer.status_code == 200, answer.text
        assert {name: answer.json()[name] for name in statements} == statements
    household = (await api.get(f"/households/{family.household}", headers=desk)).json()
    assert household["version"] == version + 1, "the same again changes nothing"
    with psycopg.connect(test_database.admin) as admin:
        written = "SELECT count(*) FROM data.authorship WHERE root = %s AND part = 'identity'"
        assert admin.execute(written, [family.mother]).fetchone() == (2,), (
            "the registration and the correction"
        )
