"""The search before a registration."""

from __future__ import annotations

import csv
from datetime import date
from functools import partial
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.registry.search.jobs import delete_old_searches
from intake.registry.search_index.commands import index_people
from intake.registry.search_index.queries import MAXIMUM_CANDIDATES, MAXIMUM_ROWS, find_candidates
from intake.registry.search_index.rules import (
    KnownDocument,
    PersonDescription,
    search_keys,
    wanted_keys,
)
from solidary.platform.identity import Duty
from solidary_testing.statements import recorded_statements

NAMES = st.sampled_from(
    ["Yuleisy", "Brayan", "Zambrano", "Cevallos", "Huamán", "de la Cruz", "Ana", "O'Neil"]
)
PEOPLE = st.builds(
    PersonDescription,
    given_name=NAMES,
    surname=st.lists(NAMES, max_size=2).map(" ".join),
    born=st.none() | st.dates(date(1930, 1, 1), date(2026, 1, 1)),
    documents=st.lists(st.from_regex(r"[A-Z0-9-]{5,12}", fullmatch=True).map(KnownDocument), max_size=2).map(
        tuple
    ),
    telephones=st.lists(st.from_regex(r"\+507[0-9]{8}", fullmatch=True), max_size=2).map(tuple),
)


@given(PEOPLE)
def test_a_person_is_found_by_their_recorded_attributes(person):
    indexed, wanted = set(search_keys(person)), set(wanted_keys(person, year_tolerance=1))
    assert {key for key in indexed if key.kind != "single"} <= wanted
    assert wanted or not any(key.kind != "birthday" for key in indexed)


@pytest.mark.parametrize(
    ("recorded", "searched"),
    [
        ("Zeballos", "Cevallos"),
        ("Guamán", "Huamán"),
        ("Muñoz", "Munoz"),
        ("González", "Gonsales"),
    ],
)
def test_names_that_sound_the_same_share_a_strong_key(recorded, searched):
    one, other = (
        {key for key in search_keys(PersonDescription("Yeferson", name, date(1990, 2, 3))) if key.is_strong}
        for name in (recorded, searched)
    )
    assert one & other


WORLD_PAIRS = Path(__file__).parents[2] / "engines/matching/held_out_world_pairs.csv"


def test_names_of_other_scripts_and_languages_share_a_key():
    """Search keys find 95 in 100 of the held-out pairs of one person that have a full date of birth."""
    with WORLD_PAIRS.open(encoding="utf-8") as text:
        pairs = [
            row for row in csv.DictReader(text) if row["same"] == "1" and len(row["date_of_birth_b"]) == 10
        ]
    found = sum(
        not _values(_described(row, "a"), search_keys).isdisjoint(
            _values(_described(row, "b"), partial(wanted_keys, year_tolerance=1))
        )
        for row in pairs
    )
    assert found >= 0.95 * len(pairs)


def _described(row: dict[str, str], side: str) -> PersonDescription:
    born = date.fromisoformat(row[f"date_of_birth_{side}"])
    return PersonDescription(row[f"given_name_{side}"], row[f"surname_{side}"], born)


def _values(person, keys_of):
    return {(key.kind, key.value) for key in keys_of(person)}


def test_a_cell_of_many_words_has_no_more_search_keys_than_a_long_name():
    cell = " ".join(f"{a}{b}qadir" for a in "bdfghjklmnprstvz" for b in "aeiou")
    person = PersonDescription(cell, cell, date(1990, 2, 3))
    assert len(set(search_keys(person))) < 1500
    assert len(set(wanted_keys(person, year_tolerance=1))) < 2500


async def test_a_person_with_another_spelling_is_found_with_the_reasons(api, desk, family):
    body = family()
    body["members"] = body["members"][:1]
    body["members"][0] |= {"given_name": "Yeferson", "surname": "Zeballos", "second_surname": "Guamán"}
    registered = (await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)).json()
    wanted = {"given_name": "Jefferson", "surname": "Cevallos Huamán", "born": "1992-05-17"}
    response = await api.post("/people/search", json=wanted, headers=desk)
    assert response.status_code == 200
    first = response.json()["candidates"][0]
    assert first["person_id"] == registered["members"][0]["person_id"]
    assert first["probable"]
    assert {reason["part"] for reason in first["reasons"]} >= {"given_name", "surname", "date_of_birth"}
    assert (await api.get(response.headers["location"], headers=desk)).json() == response.json()


@pytest.mark.parametrize(
    ("recorded", "searched"),
    [
        (("محمد", "الحسيني"), ("محمد", "الحسيني")),
        (("معتز", "بركات"), ("Moataz", "Barakat")),
        (("Walid", "Gebran"), ("وليد", "جبران")),
        (("Иван", "Кузнецов"), ("Ivan", "Kuznetsov")),
        (("Paweł", "Wałęsa"), ("Pawel", "Walesa")),
        (("小明", "王"), ("Xiaoming", "Wang")),
        (("Harpreet", None), ("Harpreet", None)),
    ],
)
async def test_a_name_of_any_script_is_registered_and_found(api, desk, member, recorded, searched):
    born = "1971-06-09"
    head = member(given_name=recorded[0], surname=recorded[1], born=born)
    body = {"household": {"area": "PA110403"}, "members": [head]}
    registered = (await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)).json()
    wanted = {"given_name": searched[0], "surname": searched[1], "born": born}
    found = (await api.post("/people/search", json=wanted, headers=desk)).json()["candidates"]
    ids = {candidate["person_id"] for candidate in found if candidate["probable"]}
    assert registered["members"][0]["person_id"] in ids
    stranger = {"given_name": "علي", "surname": "الخطيب", "born": born}
    others = (await api.post("/people/search", json=stranger, headers=desk)).json()["candidates"]
    assert not any(candidate["probable"] for candidate in others)


def test_a_conventional_birthday_and_a_placeholder_are_no_keys():
    person = PersonDescription(
        "N.N.", "Soto", date(1984, 1, 1), documents=(KnownDocument("NO TIENE"),), telephones=("0000-0000",)
    )
    assert {key.value for key in search_keys(person)} == {"SOTO"}


async def test_a_stranger_is_not_found(api, desk, register):
    await register()
    wanted = {"given_name": "Wilfrido", "surname": "Etxeberria", "born": "1971-01-09"}
    found = (await api.post("/people/search", json=wanted, headers=desk)).json()
    assert found["candidates"] == []


@pytest.mark.parametrize("wanted", [{"document": "V-00.998 877"}, {"telephone": "6999-8877"}])
async def test_a_document_or_a_telephone_is_enough(api, desk, family, wanted):
    body = family()
    body["members"][0] |= {
        "documents": [{"kind": "passport", "number": "V00998877"}],
        "phones": [{"number": "+50769998877"}],
    }
    await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
    found = (await api.post("/people/search", json=wanted, headers=desk)).json()
    assert [candidate["name"] for candidate in found["candidates"]][:1] == ["Yuleisy Zambrano Canarés"]


async def test_a_search_discloses_nothing_of_another_agency(api, tokens, register):
    registered = await register()
    elsewhere = tokens.of("casa-abierta", Duty.FRONT_DESK)
    wanted = {"given_name": "Yuleisy", "surname": "Zambrano", "born": "1992-05-17"}
    response = await api.post("/people/search", json=wanted, headers=elsewhere)
    assert response.json() == {"search_id": response.json()["search_id"], "candidates": []}
    assert str(registered.mother) not in response.text


async def test_a_search_is_deleted_after_a_day(api, desk, database, test_database):
    made = await api.post("/people/search", json={"given_name": "Ana"}, headers=desk)
    await delete_old_searches(database)
    assert (await api.get(made.headers["location"], headers=desk)).status_code == 200
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("UPDATE data.search SET created = now() - interval '25 hours'")
    await delete_old_searches(database)
    assert (await api.get(made.headers["location"], headers=desk)).status_code == 404


async def test_another_agency_cannot_read_a_search(api, desk, other_desk):
    made = await api.post("/people/search", json={"given_name": "Ana"}, headers=desk)
    assert (await api.get(made.headers["location"], headers=other_desk)).status_code == 404


@pytest.mark.parametrize("wanted", [{}, {"born": "1992-05-17"}, {"given_name": " "}, {"favourite": "green"}])
async def test_a_search_without_an_identifying_attribute_is_refused(api, desk, wanted):
    assert (await api.post("/people/search", json=wanted, headers=desk)).status_code == 422


async def test_a_possible_duplicate_without_a_search_stays_provisional(api, tokens, family):
    desk = tokens.of("manos-vecinas", Duty.FRONT_DESK)
    first = await api.put(f"/registrations/{uuid4()}", json=family(), headers=desk)
    assert {person["state"] for person in first.json()["members"]} == {"registered"}
    unsearched = await api.put(f"/registrations/{uuid4()}", json=family(), headers=desk)
    assert {person["state"] for person in unsearched.json()["members"]} == {"provisional"}
    search = (await api.post("/people/search", json={"given_name": "Yuleisy"}, headers=desk)).json()
    searched = family() | {"search_id": search["search_id"]}
    again = await api.put(f"/registrations/{uuid4()}", json=searched, headers=desk)
    assert {person["state"] for person in again.json()["members"]} == {"registered"}
    person = unsearched.json()["members"][0]["person_id"]
    confirmed = await api.post(f"/people/{person}/state", json={"to": "registered"}, headers=desk)
    assert confirmed.json()["state"] == "registered"


async def test_a_name_in_another_script_is_registered_and_found(api, desk, member):
    body = {
        "household": {"area": "PA110403"},
        "members": [member(given_name="王", surname="秀英", born=None)],
    }
    made = await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
    assert made.status_code == 201
    found = (await api.post("/people/search", json={"surname": "秀英"}, headers=desk)).json()["candidates"]
    assert [candidate["name"] for candidate in found] == ["王 秀英"]


async def test_a_registration_with_an_unknown_search_is_refused(api, desk, family):
    body = family() | {"search_id": str(uuid4())}
    response = await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/search_id"


async def test_a_corrected_person_is_found_by_the_new_name_only(api, desk, register):
    registered = await register()
    identity = {"given_name": "Aránzazu", "surname": "Quintanilla", "born": "1992-05-18"}
    with recorded_statements() as statements:
        corrected = await api.put(f"/people/{registered.mother}/identity", json=identity, headers=desk)
    assert len(statements) <= 15, "\n".join(statements)
    assert corrected.json()["identity"]["given_name"] == "Aránzazu"
    new = await api.post("/people/search", json=identity, headers=desk)
    assert [candidate["person_id"] for candidate in new.json()["candidates"]] == [str(registered.mother)]
    old = {"given_name": "Yuleisy", "surname": "Zambrano Canarés", "born": "1992-05-17"}
    found = (await api.post("/people/search", json=old, headers=desk)).json()["candidates"]
    assert str(registered.mother) not in {candidate["person_id"] for candidate in found}


async def test_however_common_a_name_is_few_people_are_compared_and_the_likeliest_first(database, tokens):
    common, rare, strong = b"common", b"rare", b"strong"
    namesake, with_birthday = uuid4(), uuid4()
    people = {uuid4(): {common: False} for _ in range(MAXIMUM_ROWS + 100)}
    people |= {namesake: {common: False, strong: True}, with_birthday: {common: False, rare: False}}
    async with database.unit_for_timer(tokens.agency("unhcr")) as unit:
        await index_people(unit, people)
        found = await find_candidates(unit, [common, rare, strong])
    assert len(found) == MAXIMUM_CANDIDATES
    assert found[:2] == [namesake, with_birthday]
