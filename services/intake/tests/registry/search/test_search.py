"""Search before registering."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.registry.search.jobs import forget_searches
from intake.registry.search.rules import Described, marks
from solidary.platform.identity import Duty

NAMES = st.sampled_from(
    ["Yuleisy", "Brayan", "Zambrano", "Cevallos", "Huamán", "de la Cruz", "Ana", "O'Neil"]
)
PEOPLE = st.builds(
    Described,
    given_name=NAMES,
    surname=st.lists(NAMES, max_size=2).map(" ".join),
    born=st.none() | st.dates(date(1930, 1, 1), date(2026, 1, 1)),
    documents=st.lists(st.from_regex(r"[A-Z0-9-]{5,12}", fullmatch=True), max_size=2).map(tuple),
    telephones=st.lists(st.from_regex(r"\+507[0-9]{8}", fullmatch=True), max_size=2).map(tuple),
)


@given(PEOPLE)
def test_everybody_is_found_by_what_was_written_of_them(person):
    assert set(marks(person)) <= set(marks(person, years_beside=1))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Zeballos", "Cevallos"),
        ("Guamán", "Huamán"),
        ("Muñoz", "Munoz"),
        ("González", "Gonsales"),
    ],
)
def test_names_that_sound_alike_share_their_strong_mark(written, said):
    one, other = (
        {mark for mark in marks(Described("Yeferson", name, date(1990, 2, 3))) if mark.strong}
        for name in (written, said)
    )
    assert one & other


async def test_somebody_written_otherwise_is_found_and_the_reasons_are_told(api, desk, family):
    body = family()
    body["members"] = body["members"][:1]
    body["members"][0] |= {"given_name": "Yeferson", "surname": "Zeballos", "second_surname": "Guamán"}
    known = (await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)).json()
    asked = {"given_name": "Jefferson", "surname": "Cevallos Huamán", "born": "1992-05-17"}
    answer = await api.post("/people/search", json=asked, headers=desk)
    assert answer.status_code == 200
    first = answer.json()["candidates"][0]
    assert first["person_id"] == known["members"][0]["person_id"]
    assert first["probable"]
    assert {reason["part"] for reason in first["reasons"]} >= {"given_name", "surname", "date_of_birth"}
    assert (await api.get(answer.headers["location"], headers=desk)).json() == answer.json()


async def test_a_stranger_is_not_found(api, desk, register):
    await register()
    asked = {"given_name": "Wilfrido", "surname": "Etxeberria", "born": "1971-01-09"}
    found = (await api.post("/people/search", json=asked, headers=desk)).json()
    assert found["candidates"] == []


@pytest.mark.parametrize("asked", [{"document": "V-00.998 877"}, {"telephone": "6999-8877"}])
async def test_a_document_or_a_telephone_is_enough(api, desk, family, asked):
    body = family()
    body["members"][0] |= {
        "documents": [{"kind": "passport", "number": "V00998877"}],
        "phones": [{"number": "+50769998877"}],
    }
    await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
    found = (await api.post("/people/search", json=asked, headers=desk)).json()
    assert [candidate["name"] for candidate in found["candidates"]][:1] == ["Yuleisy Zambrano Canarés"]


async def test_of_another_agency_only_that_there_may_be_somebody_is_told_and_logged(
    api, desk, tokens, register, place
):
    known = await register()
    elsewhere = tokens.of("casa-abierta", Duty.FRONT_DESK)
    asked = {"given_name": "Yuleisy", "surname": "Zambrano", "born": "1992-05-17"}
    answer = await api.post("/people/search", json=asked, headers=elsewhere)
    assert answer.json() == {
        "search_id": answer.json()["search_id"],
        "candidates": [],
        "possible_match_elsewhere": True,
    }
    for id_ in (known.mother, known.household):
        assert str(id_) not in answer.text
    with psycopg.connect(place.admin) as admin:
        logged = admin.execute(
            "SELECT agency, action FROM data.access_entry WHERE root = %s", (answer.json()["search_id"],)
        ).fetchall()
    assert logged == [(tokens.agency("casa-abierta"), "searched_match_elsewhere")]


async def test_a_name_alone_asks_no_other_agency(api, tokens, register):
    await register()
    elsewhere = tokens.of("casa-abierta", Duty.FRONT_DESK)
    asked = {"given_name": "Yuleisy", "surname": "Zambrano"}
    found = (await api.post("/people/search", json=asked, headers=elsewhere)).json()
    assert found["possible_match_elsewhere"] is False


async def test_a_search_is_forgotten_after_a_day(api, desk, database, place):
    made = await api.post("/people/search", json={"given_name": "Ana"}, headers=desk)
    await forget_searches(database)
    assert (await api.get(made.headers["location"], headers=desk)).status_code == 200
    with psycopg.connect(place.admin) as admin:
        admin.execute("UPDATE data.search SET created = now() - interval '25 hours'")
    await forget_searches(database)
    assert (await api.get(made.headers["location"], headers=desk)).status_code == 404


async def test_another_agency_does_not_read_a_search(api, desk, other_desk):
    made = await api.post("/people/search", json={"given_name": "Ana"}, headers=desk)
    assert (await api.get(made.headers["location"], headers=other_desk)).status_code == 404


@pytest.mark.parametrize("asked", [{}, {"born": "1992-05-17"}, {"given_name": " "}, {"favourite": "green"}])
async def test_a_search_for_nobody_is_refused(api, desk, asked):
    assert (await api.post("/people/search", json=asked, headers=desk)).status_code == 422


async def test_who_looks_known_and_was_not_searched_for_stays_provisional(api, tokens, family):
    desk = tokens.of("manos-vecinas", Duty.FRONT_DESK)
    first = await api.put(f"/registrations/{uuid4()}", json=family(), headers=desk)
    assert {person["status"] for person in first.json()["members"]} == {"registered"}
    unsearched = await api.put(f"/registrations/{uuid4()}", json=family(), headers=desk)
    assert {person["status"] for person in unsearched.json()["members"]} == {"provisional"}
    search = (await api.post("/people/search", json={"given_name": "Yuleisy"}, headers=desk)).json()
    searched = family() | {"search_id": search["search_id"]}
    again = await api.put(f"/registrations/{uuid4()}", json=searched, headers=desk)
    assert {person["status"] for person in again.json()["members"]} == {"registered"}
    person = unsearched.json()["members"][0]["person_id"]
    confirmed = await api.post(f"/people/{person}/status", json={"to": "registered"}, headers=desk)
    assert confirmed.json()["status"] == "registered"


async def test_a_name_in_letters_that_are_not_latin_is_registered_too(api, desk, member):
    body = {
        "household": {"area": "PA110403"},
        "members": [member(given_name="王", surname="秀英", born=None)],
    }
    made = await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
    assert made.status_code == 201
    found = (await api.post("/people/search", json={"surname": "秀英"}, headers=desk)).json()["candidates"]
    assert [candidate["name"] for candidate in found] == ["王 秀英"]


async def test_a_search_that_was_not_made_is_refused(api, desk, family):
    body = family() | {"search_id": str(uuid4())}
    answer = await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/search_id"


async def test_who_was_corrected_is_found_by_the_new_name_and_no_longer_by_the_old(api, desk, register):
    known = await register()
    identity = {"given_name": "Aránzazu", "surname": "Quintanilla", "born": "1992-05-18"}
    corrected = await api.put(f"/people/{known.mother}/identity", json=identity, headers=desk)
    assert corrected.json()["identity"]["given_name"] == "Aránzazu"
    new = await api.post("/people/search", json=identity, headers=desk)
    assert [candidate["person_id"] for candidate in new.json()["candidates"]] == [str(known.mother)]
    old = {"given_name": "Yuleisy", "surname": "Zambrano Canarés", "born": "1992-05-17"}
    found = (await api.post("/people/search", json=old, headers=desk)).json()["candidates"]
    assert str(known.mother) not in {candidate["person_id"] for candidate in found}
