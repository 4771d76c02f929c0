"""A plan over HTTP, from a validated budget line to a delivered payment."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest
from cash.delivery.payment_plans.jobs import cancel_abandoned_plans
from solidary.language.events.intake import ConsentWithdrawn
from solidary.platform.identity import Duty

MADE = ("populate", "lock", "entitle", "submit")


async def test_money_goes_from_a_budget_line_to_a_household_through_three_pairs_of_hands(world):
    line = await world.budget_line(100_000)
    programme = await world.programme(line)
    household = await world.household()
    plan = await world.plan(programme, *MADE)
    shown = (await world.api.get(plan, world.checker)).json()
    assert (shown["state"], shown["payments"], shown["total"], shown["round"]) == ("submitted", 1, 25_000, 1)

    refused = await world.api.post(f"{plan}/approve", world.maker)
    assert refused.status_code == 409
    assert "maker, checker and releaser are different people" in refused.json()["detail"]

    assert (await world.goes(plan, "approve", world.checker))["state"] == "approved"
    assert (await world.api.post(f"{plan}/authorise", world.checker)).status_code == 409
    assert (await world.goes(plan, "authorise", world.checker2))["state"] == "authorised"
    assert (await world.goes(plan, "release", world.releaser))["state"] == "released"
    books = await world.accounts(line)
    assert (books["fund:available"]["debits_pending"], books["fund:available"]["free"]) == (25_000, 75_000)

    (payment,) = (await world.api.get(f"{plan}/payments", world.checker)).json()["items"]
    assert (payment["household_id"], payment["state"]) == (str(household.id), "reserved")
    assert [step["step"] for step in payment["why"]] == ["basket", "less", "less", "cap"]
    hands = (await world.api.get(f"{plan}/signatures", world.checker)).json()
    assert sorted(hand["part"] for hand in hands) == ["approve", "authorise", "made", "release"]
    assert len({hand["subject"] for hand in hands}) == 4


async def test_another_agency_finds_nothing(world, tokens):
    line = await world.budget_line()
    plan = await world.plan(await world.programme(line))
    stranger = tokens.of("unhcr", Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.AUDITOR)
    assert (await world.api.get(plan, stranger)).status_code == 404
    assert (await world.api.get(f"/budget-lines/{line}", stranger)).status_code == 404
    assert (await world.api.post(f"{plan}/populate", stranger)).status_code == 404
    assert (await world.api.get("/payment-plans", stranger)).json()["items"] == []
    body = {"programme_id": str(uuid4()), "cycle": "2026-11"}
    assert (await world.api.post("/payment-plans", stranger, body)).status_code == 404


async def test_a_post_without_its_key_is_refused(world):
    body = {"programme_id": str(uuid4()), "cycle": "2026-11"}
    answer = await world.api.client.post("/payment-plans", json=body, headers=world.maker)
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:solidary:problem:idempotency-key-missing"


async def test_the_same_key_makes_one_plan(world):
    programme = await world.programme(await world.budget_line())
    headers = world.maker | {"Idempotency-Key": str(uuid4())}
    body = {"programme_id": programme, "cycle": "2027-01"}
    first, second = [await world.api.post("/payment-plans", headers, body) for _ in range(2)]
    assert first.json()["id"] == second.json()["id"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"cycle": "2026-13"}, "/cycle"),
        ({"cycle": "november"}, "/cycle"),
        ({"programme_id": "x"}, "/programme_id"),
        ({"surprise": 1}, "/surprise"),
    ],
)
async def test_a_bad_field_is_named(world, body, pointer):
    answer = await world.api.post(
        "/payment-plans", world.maker, {"programme_id": str(uuid4()), "cycle": "2026-11"} | body
    )
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_a_release_beyond_the_budget_is_refused_and_nothing_moves(world):
    line = await world.budget_line(24_999)
    programme = await world.programme(line)
    await world.household()
    plan = await world.plan(programme, *MADE)
    await world.goes(plan, "approve", world.checker)
    await world.goes(plan, "authorise", world.checker2)
    asked = await world.api.post(f"{plan}/release", world.releaser)
    refused = (await world.outcome(asked, world.releaser))["failure"]
    assert (refused["status"], refused["detail"]) == (409, "the budget line has less left than this")
    assert (await world.api.get(plan, world.checker)).json()["state"] == "authorised"
    assert (await world.accounts(line))["fund:available"]["debits_pending"] == 0


async def test_a_household_is_paid_once_in_a_cycle_for_a_purpose_whichever_plan_asks(world):
    line = await world.budget_line()
    programme = await world.programme(line)
    await world.household()
    await world.plan(programme, *MADE)
    again = await world.plan(programme, "populate")
    assert (await world.api.get(again, world.maker)).json()["payments"] == 0
    assert (await world.api.get(again, world.maker)).json()["left_out"] == 1


async def test_a_cancelled_plan_gives_the_money_and_the_households_back(world):
    line = await world.budget_line()
    programme = await world.programme(line)
    await world.household()
    plan = await world.released(programme)
    assert (await world.goes(plan, "cancel", world.maker))["state"] == "cancelled"
    assert (await world.accounts(line))["fund:available"]["free"] == 1_000_000
    again = await world.plan(programme, "populate")
    assert (await world.api.get(again, world.maker)).json()["payments"] == 1


async def test_a_no_ends_the_round_and_the_next_one_asks_everybody_anew(world):
    programme = await world.programme(await world.budget_line())
    await world.household()
    plan = await world.plan(programme, *MADE)
    await world.goes(plan, "approve", world.checker)
    assert (await world.goes(plan, "reject", world.checker2))["state"] == "entitled"
    await world.goes(plan, "submit", world.maker)
    assert (await world.goes(plan, "approve", world.checker2))["round"] == 2
    assert (await world.goes(plan, "authorise", world.checker))["state"] == "authorised"


async def test_from_a_stated_total_on_two_people_approve(world):
    tiers = [{"least": 0}, {"least": 25_000, "approve": 2}]
    programme = await world.programme(await world.budget_line(), tiers=tiers)
    await world.household()
    plan = await world.plan(programme, *MADE)
    assert (await world.goes(plan, "approve", world.checker))["state"] == "submitted"
    assert (await world.goes(plan, "approve", world.checker2))["state"] == "approved"


async def test_who_lacks_nothing_is_left_out(world):
    programme = await world.programme(await world.budget_line())
    await world.household(own_income=90_000)
    plan = await world.plan(programme, "populate", "lock", "entitle")
    shown = (await world.api.get(plan, world.maker)).json()
    assert (shown["payments"], shown["left_out"], shown["total"]) == (0, 1, 0)
    assert (await world.api.post(f"{plan}/submit", world.maker)).status_code == 409
    assert UUID(shown["id"])


async def test_a_no_that_can_be_known_is_said_before_any_work(world, tokens):
    releaser, world.maker = world.releaser, tokens.of("iom", Duty.CASH_MAKER, Duty.CASH_RELEASER)
    programme = await world.programme(await world.budget_line())
    await world.household()
    plan = await world.plan(programme, *MADE)
    for early, who in (("release", releaser), ("populate", world.maker), ("entitle", world.maker)):
        refused = await world.api.post(f"{plan}/{early}", who)
        assert (refused.status_code, refused.json()["detail"]) == (
            409,
            f"a plan that is submitted cannot {early}",
        )
    await world.goes(plan, "approve", world.checker)
    await world.goes(plan, "authorise", world.checker2)
    refused = await world.api.post(f"{plan}/release", world.maker)
    assert refused.status_code == 409
    assert "maker, checker and releaser are different people" in refused.json()["detail"]
    hands = (await world.api.get(f"{plan}/signatures", world.checker)).json()
    assert [hand["part"] for hand in hands if hand["part"] == "release"] == []
    assert (await world.goes(plan, "release", releaser))["state"] == "released"


async def test_asked_twice_with_one_key_a_plan_is_populated_by_one_work(world):
    programme = await world.programme(await world.budget_line())
    plan = await world.plan(programme)
    keyed = world.maker | {"Idempotency-Key": str(uuid4())}
    first, second = [await world.api.post(f"{plan}/populate", keyed) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    work = await world.outcome(second, world.maker)
    assert (work["state"], work["done"], work["total"], work["result"]) == ("done", 0, 0, plan)
    stranger = world.tokens.of("unhcr", Duty.CASH_MAKER)
    assert (await world.api.get(first.headers["location"], stranger)).status_code == 404


async def test_a_plan_that_nobody_goes_on_with_frees_its_households(world, place):
    programme = await world.programme(await world.budget_line())
    await world.household()
    plans = {
        "left": await world.plan(programme, *MADE, cycle="2026-10"),
        "signed": await world.plan(programme, *MADE, cycle="2026-11"),
        "touched": await world.plan(programme, "populate", cycle="2026-12"),
        "released": await world.released(programme, cycle="2027-01"),
    }
    with psycopg.connect(place.admin, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")  # past the trigger that keeps the time
        admin.execute("UPDATE data.payment_plan SET touched = touched - interval '15 days'")
        admin.execute("UPDATE data.signature SET created = created - interval '15 days'")
    tier_of_one = await world.api.post(f"{plans['signed']}/approve", world.checker)
    assert tier_of_one.status_code == 200
    await world.goes(plans["touched"], "lock", world.maker)
    await cancel_abandoned_plans(world.database)
    states = {name: (await world.api.get(plan, world.maker)).json()["state"] for name, plan in plans.items()}
    assert states == {
        "left": "cancelled",
        "signed": "approved",
        "touched": "locked",
        "released": "released",
    }
    again = await world.plan(programme, "populate", cycle="2026-10")
    assert (await world.api.get(again, world.maker)).json()["payments"] == 1


async def test_who_ends_the_consent_before_the_amounts_are_computed_is_left_out_by_name(world):
    programme = await world.programme(await world.budget_line())
    household, other = await world.household(), await world.household()
    plan = await world.plan(programme, "populate", "lock")
    ended = ConsentWithdrawn(
        consent_id=household.consent,
        person_id=household.person,
        purpose="cash",
        recipient=world.iom,
        package_id=household.package,
    )
    await world.bus.says(ended, world.unhcr)
    assert (await world.goes(plan, "entitle", world.maker))["payments"] == 1
    shown = (await world.api.get(f"{plan}/payments", world.maker)).json()["items"]
    assert {each["household_id"]: (each["state"], each["reason"]) for each in shown} == {
        str(household.id): ("cancelled", "consent_ended"),
        str(other.id): ("planned", None),
    }
