"""Registrations: a household is registered once, however often it is sent."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import psycopg
import pytest
from solidary.language.notices import NOTICE_TYPE
from solidary.platform.identity import Duty
from solidary_testing.statements import recorded_statements


async def test_a_household_is_registered_with_its_people(api, desk, family):
    response = await api.put(f"/registrations/{uuid4()}", json=family(), headers=desk)
    assert response.status_code == 201
    registered = response.json()
    assert [person["relation"] for person in registered["members"]] == ["head", "child", "parent"]
    household = (await api.get(f"/households/{registered['household_id']}", headers=desk)).json()
    assert household["version"] == 1
    assert household["members"][0]["name"] == "Yuleisy Zambrano Canarés"
    assert {person["name"] for person in household["members"][1:]} == {"Brayan Zambrano", "Ofelia Zambrano"}


async def test_the_same_registration_again_gives_the_same_answer(api, desk, family):
    where = f"/registrations/{uuid4()}"
    first = await api.put(where, json=family(), headers=desk)
    again = await api.put(where, json=family(), headers=desk)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()


async def test_the_same_registration_sent_at_once_registers_one_household(api, desk, family):
    where = f"/registrations/{uuid4()}"
    responses = await asyncio.gather(*(api.put(where, json=family(), headers=desk) for _ in range(5)))
    assert sorted(response.status_code for response in responses) == [200, 200, 200, 200, 201]
    assert len({response.json()["household_id"] for response in responses}) == 1


async def test_another_household_under_the_same_id_is_refused(api, desk, family):
    where = f"/registrations/{uuid4()}"
    await api.put(where, json=family(), headers=desk)
    other = await api.put(where, json=family(area="PA110404"), headers=desk)
    assert other.status_code == 409
    assert other.json()["type"] == "urn:solidary:problem:registration-id-reused"


async def test_the_id_of_another_agency_is_independent(api, desk, other_desk, family):
    where = f"/registrations/{uuid4()}"
    ours = await api.put(where, json=family(), headers=desk)
    theirs = await api.put(where, json=family(area="PA110404"), headers=other_desk)
    assert theirs.status_code == 201
    assert theirs.json()["household_id"] != ours.json()["household_id"]
    for path in (f"/households/{ours.json()['household_id']}", f"/people/{_first(ours)}"):
        assert (await api.get(path, headers=other_desk)).status_code == 404


async def test_a_registration_publishes_ids_only(api, desk, family, test_database, database):
    response = await api.put(f"/registrations/{uuid4()}", json=family(), headers=desk)
    household = response.json()["household_id"]

    with psycopg.connect(test_database.admin) as admin:
        published = admin.execute(
            """SELECT type, payload FROM machinery.outbox WHERE aggregateid = %s
                OR aggregateid IN (SELECT id::text FROM data.person WHERE household_id = %s)""",
            (household, household),
        ).fetchall()
    assert sorted(type_ for type_, _ in published if type_ != NOTICE_TYPE) == [
        "org.solidary.intake.household.changed.v1",
        *["org.solidary.intake.person.registered.v1"] * 3,
    ]
    assert not any(
        word in payload for _, payload in published for word in ("Zambrano", "asylum", "LP-ND", "6123")
    )


async def test_names_documents_and_telephones_are_unreadable_in_the_database(
    api, desk, family, test_database
):
    await api.put(f"/registrations/{uuid4()}", json=family(), headers=desk)

    with psycopg.connect(test_database.admin) as admin:
        tables = admin.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('data', 'machinery')"
        ).fetchall()
        rows = "\n".join(
            str(row) for (table,) in tables for row in admin.execute(f"SELECT t::text FROM {table} t")
        )
    for canary in ("Zambrano", "Canarés", "Brayan", "61234567"):
        assert canary not in rows
        assert canary.encode().hex() not in rows


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"given_name": ""}, "/members/0/given_name"),
        ({"born": "2990-01-01"}, "/members/0/born"),
        ({"born": "17/05/1992"}, "/members/0/born"),
        ({"sex": "f"}, "/members/0/sex"),
        ({"phones": [{"number": "6123"}]}, "/members/0/phones/0/number"),
        ({"needs": [{"code": "nothing"}]}, "/members/0/needs/0/code"),
        ({"needs": [{"code": "CR-ZZ"}]}, "/members/0/needs/0/code"),
        ({"documents": [{"kind": "library_card", "number": "EJ-1001"}]}, "/members/0/documents/0/kind"),
        ({"favourite_colour": "green"}, "/members/0/favourite_colour"),
    ],
)
async def test_an_invalid_field_is_named_and_nothing_is_recorded(
    api, desk, member, test_database, changes, pointer
):
    before = _people(test_database)
    body = {"household": {"area": "PA110403"}, "members": [member(**changes)]}
    response = await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert _people(test_database) == before


@pytest.mark.parametrize("heads", [0, 2])
async def test_a_household_has_one_head(api, desk, member, heads):
    members = [member() for _ in range(heads)] + [member(relation="child")]
    body = {"household": {"area": "PA110403"}, "members": members}
    assert (await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)).status_code == 422


async def test_the_desk_cannot_record_a_restricted_code(api, desk, member, test_database):
    before = _people(test_database)
    body = {"household": {"area": "PA110403"}, "members": [member(needs=[{"code": "SV-VF"}])]}
    response = await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
    assert response.status_code == 403
    assert _people(test_database) == before


async def test_only_the_desk_can_register(api, tokens, family):
    for duty in (Duty.PLANNER, Duty.PROVIDER, Duty.AUDITOR, Duty.OPERATOR):
        response = await api.put(f"/registrations/{uuid4()}", json=family(), headers=tokens.of("unhcr", duty))
        assert response.status_code == 403


async def test_a_household_that_moves_has_a_new_version(api, desk, register):
    family = await register()
    moved = await api.put(f"/households/{family.household}", json={"area": "PA110408"}, headers=desk)
    assert moved.status_code == 200
    assert (moved.json()["version"], moved.json()["area"]) == (2, "PA110408")


def _first(response) -> str:
    return response.json()["members"][0]["person_id"]


def _people(test_database) -> int:

    with psycopg.connect(test_database.admin) as admin:
        return admin.execute("SELECT count(*) FROM data.person").fetchone()[0]


@pytest.mark.parametrize("is_searched", [True, False])
async def test_a_household_of_four_is_registered_by_few_statements(api, desk, family, member, is_searched):
    body = family()
    body["members"].append(member(given_name="Neyla", relation="child", needs=[{"code": "CR-NE"}]))
    if is_searched:
        search = await api.post("/people/search", json={"given_name": "Yuleisy"}, headers=desk)
        body["search_id"] = search.json()["search_id"]
    await api.get("/events", headers=desk)
    with recorded_statements() as statements:
        response = await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
    assert response.status_code == 201
    assert len(statements) <= 15, "\n".join(statements)
