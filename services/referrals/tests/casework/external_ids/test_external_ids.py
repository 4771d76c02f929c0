"""The agencies' own identifiers of services and referrals."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import psycopg
import pytest
from referrals.casework.referrals import commands
from solidary.platform.identity import Duty


def identified(system: str = "primero") -> dict[str, str]:
    return {"system": system, "value": str(uuid4())}


async def find(api, headers, *wanted):
    answer = await api.post("/external-ids/find", json={"external_ids": list(wanted)}, headers=headers)
    assert answer.status_code == 200, answer.text
    return [(each["kind"], each["id"]) for each in answer.json()["items"]]


async def test_service_keeps_its_identifiers_until_they_are_replaced(api, editor, entry, create_service):
    first, second = identified(), identified()
    service = await create_service(external_ids=[first])
    path = f"/directory/services/{service['service_id']}"
    assert service["external_ids"] == [first]
    assert await find(api, editor, first, second) == [("service", service["service_id"])]
    kept = await api.put(path, json=entry(), headers=editor)
    assert kept.json()["external_ids"] == [first]
    replaced = await api.put(path, json=entry(external_ids=[second]), headers=editor)
    assert replaced.json()["external_ids"] == [second]
    (listed,) = [
        each
        for each in (await api.get("/directory/services", headers=editor)).json()["items"]
        if each["service_id"] == service["service_id"]
    ]
    assert listed["external_ids"] == [second]
    assert await find(api, editor, first) == []
    public = (await api.get(f"/services/{service['service_id']}")).text
    assert second["value"] not in public


async def test_identifier_of_a_service_is_given_to_no_second_one(api, editor, entry, create_service):
    taken = identified()
    await create_service(external_ids=[taken])
    refused = await api.post("/directory/services", json=entry(external_ids=[taken]), headers=editor)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:solidary:problem:external-id-taken")


async def test_each_party_of_a_referral_has_identifiers_that_the_other_does_not_see(
    api, sender, receiver, refer
):
    ours, theirs = identified(), identified()
    referral = await refer(external_ids=[ours])
    path = f"/referrals/{referral['referral_id']}"
    assert referral["external_ids"] == [ours]
    seen = (await api.get(path, headers=receiver)).json()
    assert seen["external_ids"] == []
    # The same one as the sender's is no conflict, and the receiver learns nothing.
    for wanted in ([ours], [ours, theirs]):
        given = await api.put(f"{path}/external-ids", json={"external_ids": wanted}, headers=receiver)
        assert given.status_code == 200, given.text
        assert len(given.json()["external_ids"]) == len(wanted)
    assert (await api.get(path, headers=sender)).json()["external_ids"] == [ours]
    assert await find(api, sender, theirs) == []
    assert await find(api, receiver, theirs) == [("referral", referral["referral_id"])]
    for headers, listed in ((sender, "/referrals"), (receiver, "/referrals/received")):
        (item,) = [
            each
            for each in (await api.get(listed, headers=headers)).json()["items"]
            if each["referral_id"] == referral["referral_id"]
        ]
        assert ours in item["external_ids"]


async def test_stranger_gives_a_referral_no_identifier(api, tokens, refer):
    referral = await refer()
    stranger = tokens.of("iom", Duty.CASE_WORKER)
    body = {"external_ids": [identified()]}
    path = f"/referrals/{referral['referral_id']}/external-ids"
    assert (await api.put(path, json=body, headers=stranger)).status_code == 404


async def test_identifiers_of_a_referral_go_with_its_person(
    api, sender, refer, grant_consent, database, tokens, service_database
):
    granted, ours = await grant_consent(), identified()
    await refer(granted, external_ids=[ours])
    async with database.unit_for_timer(tokens.agency("unhcr")) as unit:
        await commands.erase_person(unit, granted.person_id)
    assert await find(api, sender, ours) == []
    with psycopg.connect(service_database.admin) as admin:
        assert admin.execute(
            "SELECT count(*) FROM data.external_id WHERE value = %s", [ours["value"]]
        ).fetchone() == (0,)


@pytest.mark.parametrize("size", [0, 201])
async def test_find_takes_one_to_two_hundred(api, editor, size):
    body = {"external_ids": [identified() for _ in range(size)]}
    assert (await api.post("/external-ids/find", json=body, headers=editor)).status_code == 422


async def test_two_systems_of_one_agency_do_not_lose_each_others_identifiers(api, sender, receiver, refer):
    referral = await refer()
    path = f"/referrals/{referral['referral_id']}"
    for party in (sender, receiver):
        version = {"If-Match": (await api.get(path, headers=party)).headers["etag"]}
        bodies = [{"external_ids": [identified()]} for _ in range(2)]
        answers = await asyncio.gather(
            *(api.put(f"{path}/external-ids", json=body, headers=party | version) for body in bodies)
        )
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        (kept,) = (answer for answer in answers if answer.status_code == 200)
        shown = await api.get(path, headers=party)
        assert (shown.json(), shown.headers["etag"]) == (kept.json(), kept.headers["etag"])


async def test_replacements_at_once_do_not_add_up(api, receiver, refer):
    referral = await refer()
    path = f"/referrals/{referral['referral_id']}"
    bodies = [{"external_ids": [identified()]} for _ in range(4)]
    for answer in await asyncio.gather(
        *(api.put(f"{path}/external-ids", json=body, headers=receiver) for body in bodies)
    ):
        assert answer.status_code == 200
    assert (await api.get(path, headers=receiver)).json()["external_ids"] in [
        body["external_ids"] for body in bodies
    ]
