"""Invented people: the same in every run, found and read like real ones."""

from __future__ import annotations

from intake.desk.seeding.commands import has_people, seed
from intake.engines.synthetic_people import PeopleGenerator
from intake.registry.encryption.dependencies import instance_key_of
from solidary.platform.identity import Duty
from solidary_testing.servers import settings_for
from solidary_testing.statements import recorded_statements


def first_of_batch(number):
    generator = PeopleGenerator(seed=12)
    random = generator.restart(number)
    random.getrandbits(128)
    return generator.family()[0]


async def test_invented_people_are_found_and_read_as_registered_ones(
    run, test_database, database, api, tokens
):
    settings = settings_for(run, test_database, "intake")
    keys = instance_key_of(settings)
    assert not await has_people(database)
    await seed(database, keys, tokens.agency("unhcr"), 1000)
    with recorded_statements() as statements:
        await seed(database, keys, tokens.agency("unhcr"), 1400, start=1000)
    assert len(statements) <= 12
    assert await has_people(database)
    desk = tokens.of("unhcr", Duty.FRONT_DESK) | {"Solidary-Reason": "person_present"}
    for number in (0, 1):
        person = first_of_batch(number)
        born = f"{person.date_of_birth[:4]}-{person.date_of_birth[4:6]}-{person.date_of_birth[6:]}"
        wanted = {"given_name": person.given_name, "surname": person.surname, "born": born}
        found = (await api.post("/people/search", json=wanted, headers=desk)).json()["candidates"][0]
        assert found["name"] == f"{person.given_name} {person.surname}".title()
        assert found["probable"]
        read = await api.get(f"/people/{found['person_id']}", headers=desk)
        assert read.json()["identity"]["born"] == born
        needs = await api.get(f"/people/{found['person_id']}/needs", headers=desk)
        assert [need["code"] for need in needs.json()] == ["LP-ND"]
        household = await api.get(f"/households/{found['household_id']}", headers=desk)
        assert household.json()["members"][0]["person_id"] == found["person_id"]
