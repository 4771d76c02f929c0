"""An agency's own identifiers of people and households."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from solidary.platform.identity import Duty


def identified(system: str = "primero", value: str | None = None) -> dict[str, str]:
    return {"system": system, "value": value or f"CASE {uuid4()}"}


def family_with(family, household=(), mother=()):
    body = family()
    body["household"]["external_ids"] = list(household)
    body["members"][0]["external_ids"] = list(mother)
    return body


async def find(api, headers, *wanted):
    answer = await api.post("/external-ids/find", json={"external_ids": list(wanted)}, headers=headers)
    assert answer.status_code == 200, answer.text
    return [(each["kind"], each["id"]) for each in answer.json()["items"]]


async def test_identifiers_come_with_a_registration_and_lead_to_the_person_and_the_household(
    api, desk, family
):
    home, mother = identified("hope"), identified()
    body = family_with(family, [home], [mother])
    where = f"/registrations/{uuid4()}"
    registered = (await api.put(where, json=body, headers=desk)).json()
    assert registered["external_ids"] == [home]
    assert [each["external_ids"] for each in registered["members"]] == [[mother], [], []]
    again = await api.put(where, json=body, headers=desk)
    assert (again.status_code, again.json()) == (200, registered)
    person, household = registered["members"][0]["person_id"], registered["household_id"]
    assert await find(api, desk, mother) == [("person", person)]
    assert await find(api, desk, home, identified()) == [("household", household)]
    assert (await api.get(f"/people/{person}", headers=desk)).json()["external_ids"] == [mother]
    assert (await api.get(f"/households/{household}", headers=desk)).json()["external_ids"] == [home]


async def test_identifier_of_one_person_is_given_to_no_other_one(api, desk, family):
    mother = identified()
    first = await api.put(
        f"/registrations/{uuid4()}", json=family_with(family, [mother], [mother]), headers=desk
    )
    assert first.status_code == 201, "a person and a household may have the same one"
    for body in (family_with(family, [mother]), family_with(family, (), [mother])):
        refused = await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
        assert (refused.status_code, refused.json()["type"]) == (
            409,
            "urn:solidary:problem:external-id-taken",
        )
    child = first.json()["members"][1]["person_id"]
    body = {"external_ids": [mother]}
    assert (await api.put(f"/people/{child}/external-ids", json=body, headers=desk)).status_code == 409


async def test_identifiers_are_replaced_as_a_whole(api, desk, register):
    registered = await register()
    first, second, third = identified(), identified("kobo"), identified("kobo")
    for path in (f"/people/{registered.mother}", f"/households/{registered.household}"):
        for wanted in ([first, second], [first, third], []):
            body = {"external_ids": wanted}
            changed = await api.put(f"{path}/external-ids", json=body, headers=desk)
            assert changed.status_code == 200, changed.text
            key = lambda each: (each["system"], each["value"])  # noqa: E731
            assert sorted(changed.json()["external_ids"], key=key) == sorted(wanted, key=key)
        assert await find(api, desk, first, second, third) == []


async def test_identifier_of_another_agency_can_be_given_and_is_not_found(api, desk, other_desk, family):
    mother = identified()
    await api.put(f"/registrations/{uuid4()}", json=family_with(family, (), [mother]), headers=desk)
    assert await find(api, other_desk, mother) == []
    theirs = await api.put(
        f"/registrations/{uuid4()}", json=family_with(family, (), [mother]), headers=other_desk
    )
    assert theirs.status_code == 201
    assert len(await find(api, desk, mother)) == 1


async def test_identifiers_are_unreadable_in_the_database_and_in_no_event(api, desk, family, test_database):
    mother = identified(value=f"Legible {uuid4()}")
    body = family_with(family, [mother], [mother])
    assert (await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)).status_code == 201
    with psycopg.connect(test_database.admin) as admin:
        rows = admin.execute("SELECT p::text FROM data.person_external_id p").fetchall()
        published = admin.execute("SELECT o::text FROM machinery.outbox o").fetchall()
    assert rows
    text = str(rows) + str(published)
    assert mother["value"] not in text
    assert mother["value"].encode().hex() not in text


async def test_identifiers_go_with_the_person(api, desk, tokens, family):
    mother, home = identified(), identified("hope")
    registered = await api.put(
        f"/registrations/{uuid4()}", json=family_with(family, [home], [mother]), headers=desk
    )
    person = registered.json()["members"][0]["person_id"]
    officer = tokens.of("unhcr", Duty.DATA_PROTECTION_OFFICER)
    erased = await api.post(f"/people/{person}/erasure", json={"reason": "requested"}, headers=officer)
    assert erased.is_success, erased.text
    assert await find(api, desk, mother, home) == []
    other = family_with(family, [home], [mother])
    assert (await api.put(f"/registrations/{uuid4()}", json=other, headers=desk)).status_code == 201


async def test_each_person_who_is_found_is_logged(api, desk, tokens, family):
    mother = identified()
    registered = await api.put(
        f"/registrations/{uuid4()}", json=family_with(family, (), [mother]), headers=desk
    )
    person = registered.json()["members"][0]["person_id"]
    await find(api, desk, mother)
    auditor = tokens.of("unhcr", Duty.AUDITOR)
    log = (await api.get("/access-log", params={"about": person}, headers=auditor)).json()["items"]
    assert log[0]["action"] == "found_by_external_id"


@pytest.mark.parametrize(
    "external_ids",
    [
        [{"system": "Primero", "value": "1"}],
        [{"system": "primero", "value": "  "}],
        [{"system": "primero", "value": "x" * 101}],
        [{"system": "primero", "value": "1"}] * 2,
        [{"system": "primero", "value": str(number)} for number in range(11)],
    ],
    ids=["system", "empty", "long", "twice", "many"],
)
async def test_identifiers_that_nobody_could_find_again_are_refused(api, desk, register, external_ids):
    registered = await register()
    body = {"external_ids": external_ids}
    refused = await api.put(f"/people/{registered.mother}/external-ids", json=body, headers=desk)
    assert refused.status_code == 422
