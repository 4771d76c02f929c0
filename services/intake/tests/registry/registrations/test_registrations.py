"""A household is registered once, however often it is sent."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import psycopg
import pytest
from solidary.platform.identity import Duty


async def test_a_household_is_registered_with_its_people(api, desk, family):
    answer = await api.put(f"/registrations/{uuid4()}", json=family(), headers=desk)
    assert answer.status_code == 201
    said = answer.json()
    assert [person["relation"] for person in said["members"]] == ["head", "child", "parent"]
    household = (await api.get(f"/households/{said['household_id']}", headers=desk)).json()
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
    answers = await asyncio.gather(*(api.put(where, json=family(), headers=desk) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert len({answer.json()["household_id"] for answer in answers}) == 1


async def test_another_household_under_the_same_id_is_refused(api, desk, family):
    where = f"/registrations/{uuid4()}"
    await api.put(where, json=family(), headers=desk)
    other = await api.put(where, json=family(area="PA110404"), headers=desk)
    assert other.status_code == 409
    assert other.json()["type"] == "urn:solidary:problem:conflict"


async def test_another_agencys_id_says_nothing(api, desk, other_desk, family):
    where = f"/registrations/{uuid4()}"
    ours = await api.put(where, json=family(), headers=desk)
    theirs = await api.put(where, json=family(area="PA110404"), headers=other_desk)
    assert theirs.status_code == 201
    assert theirs.json()["household_id"] != ours.json()["household_id"]
    for path in (f"/households/{ours.json()['household_id']}", f"/people/{_first(ours)}"):
        assert (await api.get(path, headers=other_desk)).status_code == 404


async def test_registering_tells_ids_only(api, desk, family, place, database):
    answer = await api.put(f"/registrations/{uuid4()}", json=family(), headers=desk)
    household = answer.json()["household_id"]

    with psycopg.connect(place.admin) as admin:
        told = admin.execute(
            "SELECT type, payload FROM machinery.outbox WHERE payload LIKE %s", (f"%{household}%",)
        ).fetchall()
    assert sorted(type_ for type_, _ in told) == [
        "org.solidary.intake.household.changed.v1",
        *["org.solidary.intake.person.registered.v1"] * 3,
    ]
    assert not any(word in payload for _, payload in told for word in ("Zambrano", "asylum", "LP-ND", "6123"))


async def test_names_documents_and_telephones_are_unreadable_in_the_database(api, desk, family, place):
    await api.put(f"/registrations/{uuid4()}", json=family(), headers=desk)

    with psycopg.connect(place.admin) as admin:
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
    ("spoil", "pointer"),
    [
        ({"given_name": ""}, "/members/0/given_name"),
        ({"born": "2990-01-01"}, "/members/0/born"),
        ({"born": "17/05/1992"}, "/members/0/born"),
        ({"sex": "f"}, "/members/0/sex"),
        ({"phones": [{"number": "6123"}]}, "/members/0/phones/0/number"),
        ({"needs": [{"code": "nothing"}]}, "/members/0/needs/0/code"),
        ({"needs": [{"code": "CR-ZZ"}]}, "/members/0/needs/0/code"),
        ({"documents": [{"kind": "library_card", "number": "1"}]}, "/members/0/documents/0/kind"),
        ({"favourite_colour": "green"}, "/members/0/favourite_colour"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_written(api, desk, member, place, spoil, pointer):
    before = _people(place)
    body = {"household": {"area": "PA110403"}, "members": [member(**spoil)]}
    answer = await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert _people(place) == before


@pytest.mark.parametrize("heads", [0, 2])
async def test_a_household_has_one_head(api, desk, member, heads):
    members = [member() for _ in range(heads)] + [member(relation="child")]
    body = {"household": {"area": "PA110403"}, "members": members}
    assert (await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)).status_code == 422


async def test_a_restricted_code_is_not_the_desks_to_write(api, desk, member, place):
    before = _people(place)
    body = {"household": {"area": "PA110403"}, "members": [member(needs=[{"code": "SV-VF"}])]}
    answer = await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
    assert answer.status_code == 403
    assert _people(place) == before


async def test_only_the_desk_registers(api, tokens, family):
    for duty in (Duty.PLANNER, Duty.PROVIDER, Duty.AUDITOR, Duty.OPERATOR):
        answer = await api.put(f"/registrations/{uuid4()}", json=family(), headers=tokens.of("unhcr", duty))
        assert answer.status_code == 403


async def test_a_household_that_moves_has_a_new_version(api, desk, register):
    known = await register()
    moved = await api.put(f"/households/{known.household}", json={"area": "PA110408"}, headers=desk)
    assert moved.status_code == 200
    assert (moved.json()["version"], moved.json()["area"]) == (2, "PA110408")


def _first(answer) -> str:
    return answer.json()["members"][0]["person_id"]


def _people(place) -> int:

    with psycopg.connect(place.admin) as admin:
        return admin.execute("SELECT count(*) FROM data.person").fetchone()[0]
