"""The rotation of the instance's secrets: while it runs, and after it, everybody is found and read."""

from __future__ import annotations

from contextlib import asynccontextmanager
from uuid import uuid4

import psycopg
import pytest
from intake.registry.encryption.dependencies import instance_key_of
from intake.registry.rotation import commands
from intake.service import service
from solidary_testing.servers import api_client, settings_for

OLD, NEW = "an old secret that somebody has seen", "the new secret that replaces the old one"
WANTED = {"given_name": "Yuleisy", "surname": "Zambrano Canarés", "born": "1992-05-17"}


@pytest.fixture
def rotating(run, test_database):
    """The function that returns settings with secrets of these generations, the newest first."""

    def settings(*generations: str):
        rings = {name: ",".join(f"{name}: {each}" for each in generations) for name in ("person", "search")}
        return settings_for(
            run,
            test_database,
            "intake",
            rate_limit="100000/minute",
            person_keys=rings["person"],
            search_keys=rings["search"],
        )

    return settings


@pytest.fixture
def serving(rotating):
    """The function that serves intake with secrets of these generations."""

    @asynccontextmanager
    async def serve(*generations: str):
        async with api_client(service.application(rotating(*generations))) as client:
            yield client

    return serve


async def test_people_are_found_and_read_before_during_and_after_a_rotation(
    serving, rotating, database, desk, family, test_database
):
    async with serving(OLD) as api:
        first, second = await _register(api, desk, family), await _register(api, desk, family)
    async with serving(NEW, OLD) as api:
        third = await _register(api, desk, family)
        assert await _found(api, desk) == {first, second, third}
        keys = instance_key_of(rotating(NEW, OLD))
        assert await commands.rewrap(database, keys) > 0
        assert await _found(api, desk) == {first, second, third}
        assert await commands.retoken(database, keys) > 0
        assert await _found(api, desk) == {first, second, third}
        assert (await commands.rewrap(database, keys), await commands.retoken(database, keys)) == (0, 0)
    async with serving(NEW) as api:
        assert await _found(api, desk) == {first, second, third}
        person = await api.get(f"/people/{first}", headers=desk)
        assert person.json()["identity"]["given_name"] == "Yuleisy"
    with psycopg.connect(test_database.admin) as admin:
        used = admin.execute("SELECT DISTINCT wrapped_by FROM keys.subject_key").fetchall()
        assert used == [(instance_key_of(rotating(NEW)).wrapping_id,)]


async def test_identifiers_are_found_and_unique_while_the_search_key_is_replaced(
    serving, rotating, database, desk, family
):
    own = {"system": "primero", "value": str(uuid4())}
    body = family()
    body["members"][0]["external_ids"] = [own]

    async def is_found(api) -> bool:
        found = await api.post("/external-ids/find", json={"external_ids": [own]}, headers=desk)
        return len(found.json()["items"]) == 1

    async with serving(OLD) as api:
        assert (await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)).status_code == 201
    async with serving(NEW, OLD) as api:
        assert await is_found(api)
        assert (await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)).status_code == 409
        assert await commands.rewrap(database, instance_key_of(rotating(NEW, OLD))) > 0
        assert await commands.retoken(database, instance_key_of(rotating(NEW, OLD))) > 0
    async with serving(NEW) as api:
        assert await is_found(api)
        assert (await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)).status_code == 409


async def test_an_interrupted_rotation_goes_on_and_doubles_nothing(
    serving, rotating, database, desk, family, test_database, monkeypatch
):
    async with serving(OLD) as api:
        await _register(api, desk, family)
    before = _counts(test_database)
    monkeypatch.setattr(commands, "BATCH_ROWS", 1)
    keys = instance_key_of(rotating(NEW, OLD))
    for rotate, step in ((commands.rewrap, "_rewrap"), (commands.retoken, "_retoken")):
        with monkeypatch.context() as patch:
            patch.setattr(commands, step, _failing_after(2, getattr(commands, step)))
            with pytest.raises(ConnectionError):
                await rotate(database, keys)
        assert await rotate(database, keys) > 0
        assert await rotate(database, keys) == 0
    assert _counts(test_database) == before


async def test_a_newcomer_is_provisional_beside_a_person_indexed_with_the_older_secret(serving, desk, family):
    body = family()
    body["members"][0] |= {"documents": [{"kind": "passport", "number": "ROTATION-1"}]}
    async with serving(OLD) as api:
        await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
    async with serving(NEW, OLD) as api:
        again = await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
        assert again.json()["members"][0]["state"] == "provisional"


async def _register(api, desk, family) -> str:
    response = await api.put(f"/registrations/{uuid4()}", json=family(), headers=desk)
    assert response.status_code == 201, response.text
    return response.json()["members"][0]["person_id"]


async def _found(api, desk) -> set[str]:
    found = (await api.post("/people/search", json=WANTED, headers=desk)).json()["candidates"]
    return {candidate["person_id"] for candidate in found if candidate["probable"]}


def _counts(test_database) -> tuple[int, int]:
    with psycopg.connect(test_database.admin) as admin:
        counts = "SELECT (SELECT count(*) FROM keys.subject_key), (SELECT count(*) FROM data.search_token)"
        return admin.execute(counts).fetchone()


def _failing_after(batches: int, step):
    done = 0

    async def fail_later(*arguments):
        nonlocal done
        if done == batches:
            raise ConnectionError
        done += 1
        return await step(*arguments)

    return fail_later
