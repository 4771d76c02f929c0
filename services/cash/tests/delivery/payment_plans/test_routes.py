"""A payment plan over HTTP, from a validated budget line to its release."""

from __future__ import annotations

from functools import partial
from uuid import UUID, uuid4

import psycopg
import pytest
from cash.delivery.payment_plans import commands
from cash.delivery.payment_plans.jobs import cancel_abandoned_plans
from cash.delivery.payment_plans.rules import PlanStep
from cash.targeting.programmes.rules import ApprovalStage
from solidary.platform.identity import Duty, Principal
from solidary_testing.tokens import subject_of

PREPARED = ("populate", "lock", "entitle", "submit")


class NoProgress:
    """Progress that nobody reads."""

    async def report(self, done: int, total: int | None = None) -> None: ...


def problem(answer) -> tuple[int, str]:
    """Return the status of an answer and the slug of its problem."""
    return answer.status_code, answer.json()["type"].removeprefix("urn:solidary:problem:")


async def test_money_is_reserved_after_three_people_approved_the_plan(world):
    line = await world.budget_line(100_000)
    programme = await world.programme(line)
    household = await world.household()
    plan = await world.plan(programme, *PREPARED)
    shown = (await world.api.get(plan, world.checker)).json()
    assert (shown["state"], shown["payment_count"], shown["total"], shown["round"]) == (
        "submitted",
        1,
        25_000,
        1,
    )

    refused = await world.api.post(f"{plan}/approve", world.maker)
    assert problem(refused) == (403, "duty-missing")

    assert (await world.take(plan, "approve", world.checker))["state"] == "approved"
    again = await world.api.post(f"{plan}/authorise", world.checker)
    assert problem(again) == (409, "already-approved")
    assert (await world.take(plan, "authorise", world.checker2))["state"] == "authorised"
    assert (await world.take(plan, "release", world.releaser))["state"] == "released"
    books = await world.accounts(line)
    assert (books["fund:available"]["debits_pending"], books["fund:available"]["free"]) == (25_000, 75_000)

    (payment,) = (await world.api.get(f"{plan}/payments", world.checker)).json()["items"]
    assert (payment["household_id"], payment["state"]) == (str(household.id), "reserved")
    assert [step["step"] for step in payment["calculation"]] == ["basket", "less", "less", "cap"]
    sign_offs = (await world.api.get(f"{plan}/sign-offs", world.checker)).json()
    stages = [each["stage"] for each in sign_offs]
    assert sorted(set(stages)) == ["approve", "authorise", "prepare", "release"]
    assert len({each["subject"] for each in sign_offs}) == len(sign_offs)
    assert stages.count("prepare") == 3, "the maker, who accepted the referral, and the service that enrolled"


async def test_other_agency_finds_nothing(world, tokens):
    line = await world.budget_line()
    plan = await world.plan(await world.programme(line))
    stranger = tokens.of("unhcr", Duty.CASH_MAKER)
    assert (await world.api.get(plan, stranger)).status_code == 404
    assert (await world.api.get(f"/budget-lines/{line}", stranger)).status_code == 404
    assert (await world.api.post(f"{plan}/populate", stranger)).status_code == 404
    assert (await world.api.get("/payment-plans", stranger)).json()["items"] == []
    body = {"programme_id": str(uuid4()), "cycle": "2026-11"}
    assert (await world.api.post("/payment-plans", stranger, body)).status_code == 404


async def test_post_without_a_key_is_refused(world):
    body = {"programme_id": str(uuid4()), "cycle": "2026-11"}
    answer = await world.api.client.post("/payment-plans", json=body, headers=world.maker)
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:solidary:problem:idempotency-key-missing"


async def test_same_key_creates_one_plan(world):
    programme = await world.programme(await world.budget_line())
    headers = world.maker | {"Idempotency-Key": str(uuid4())}
    body = {"programme_id": programme, "cycle": world.cycles[3]}
    first, second = [await world.api.post("/payment-plans", headers, body) for _ in range(2)]
    assert first.json()["id"] == second.json()["id"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"cycle": "2026-13"}, "/cycle"),
        ({"cycle": "november"}, "/cycle"),
        ({"cycle": "0000-01"}, "/cycle"),
        ({"programme_id": "x"}, "/programme_id"),
        ({"surprise": 1}, "/surprise"),
    ],
)
async def test_invalid_field_is_named(world, body, pointer):
    answer = await world.api.post(
        "/payment-plans", world.maker, {"programme_id": str(uuid4()), "cycle": "2026-11"} | body
    )
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("cycle", ["2020-01", "2099-12"])
async def test_cycle_that_is_far_from_now_is_refused(world, cycle):
    programme = await world.programme(await world.budget_line())
    body = {"programme_id": programme, "cycle": cycle}
    answer = await world.api.post("/payment-plans", world.maker, body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/cycle")


async def test_duties_that_one_person_may_not_hold_together_move_no_money(world, tokens):
    programme = await world.programme(await world.budget_line())
    both = tokens.of("iom", Duty.CASH_MAKER, Duty.CASH_CHECKER)
    body = {"programme_id": programme, "cycle": world.cycles[0]}
    refused = await world.api.post("/payment-plans", both, body)
    assert problem(refused) == (403, "duties-incompatible")
    assert "cash_checker, cash_maker" in refused.json()["detail"]
    assert (await world.api.get("/payment-plans", both)).status_code == 200


async def test_release_beyond_the_budget_is_refused_and_moves_nothing(world):
    line = await world.budget_line(24_999)
    programme = await world.programme(line)
    await world.household()
    plan = await world.plan(programme, *PREPARED)
    await world.take(plan, "approve", world.checker)
    await world.take(plan, "authorise", world.checker2)
    asked = await world.api.post(f"{plan}/release", world.releaser)
    refused = (await world.outcome(asked, world.releaser))["failure"]
    assert (refused["status"], refused["type"]) == (409, "urn:solidary:problem:budget-exceeded")
    assert (await world.api.get(plan, world.checker)).json()["state"] == "authorised"
    assert (await world.accounts(line))["fund:available"]["debits_pending"] == 0


async def test_household_is_paid_once_in_a_cycle_for_a_purpose_by_all_plans(world):
    line = await world.budget_line()
    programme = await world.programme(line)
    await world.household()
    await world.plan(programme, *PREPARED)
    again = await world.plan(programme, "populate")
    assert (await world.api.get(again, world.maker)).json()["payment_count"] == 0
    assert (await world.api.get(again, world.maker)).json()["excluded_count"] == 1


async def test_cancelled_plan_frees_its_money_and_its_households(world):
    line = await world.budget_line()
    programme = await world.programme(line)
    await world.household()
    plan = await world.released(programme)
    assert (await world.take(plan, "cancel", world.maker))["state"] == "cancelled"
    assert (await world.accounts(line))["fund:available"]["free"] == 1_000_000
    again = await world.plan(programme, "populate")
    assert (await world.api.get(again, world.maker)).json()["payment_count"] == 1


async def test_rejection_ends_the_round_and_the_next_one_needs_all_approvals_again(world):
    programme = await world.programme(await world.budget_line())
    await world.household()
    plan = await world.plan(programme, *PREPARED)
    await world.take(plan, "approve", world.checker)
    assert (await world.take(plan, "reject", world.checker2))["state"] == "entitled"
    await world.take(plan, "submit", world.maker)
    assert (await world.take(plan, "approve", world.checker2))["round"] == 2
    assert (await world.take(plan, "authorise", world.checker))["state"] == "authorised"


async def test_two_people_approve_from_the_total_of_a_tier_on(world):
    tiers = [{"from_total": 0}, {"from_total": 25_000, "approvers": 2}]
    programme = await world.programme(await world.budget_line(), approval_tiers=tiers)
    await world.household()
    plan = await world.plan(programme, *PREPARED)
    assert (await world.take(plan, "approve", world.checker))["state"] == "submitted"
    assert (await world.take(plan, "approve", world.checker2))["state"] == "approved"


async def test_household_without_a_gap_is_left_out(world):
    programme = await world.programme(await world.budget_line())
    await world.household(own_income=90_000)
    plan = await world.plan(programme, "populate", "lock", "entitle")
    shown = (await world.api.get(plan, world.maker)).json()
    assert (shown["payment_count"], shown["excluded_count"], shown["total"]) == (0, 1, 0)
    assert problem(await world.api.post(f"{plan}/submit", world.maker)) == (409, "plan-without-payments")
    assert UUID(shown["id"])


async def test_step_that_cannot_succeed_is_refused_before_any_work(world):
    programme = await world.programme(await world.budget_line())
    await world.household()
    plan = await world.plan(programme, *PREPARED)
    for early, who in (("release", world.releaser), ("populate", world.maker), ("entitle", world.maker)):
        refused = await world.api.post(f"{plan}/{early}", who)
        assert problem(refused) == (409, "transition-not-allowed")
        assert refused.json()["detail"].startswith(f"«{early}» is not possible")
    await world.take(plan, "approve", world.checker)
    await world.take(plan, "authorise", world.checker2)
    assert (await world.take(plan, "release", world.releaser))["state"] == "released"


async def test_repeated_request_with_one_key_starts_one_work(world):
    programme = await world.programme(await world.budget_line())
    plan = await world.plan(programme)
    keyed = world.maker | {"Idempotency-Key": str(uuid4())}
    first, second = [await world.api.post(f"{plan}/populate", keyed) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    work = await world.outcome(second, world.maker)
    assert (work["state"], work["done"], work["total"], work["result"]) == ("done", 0, 0, plan)
    stranger = world.tokens.of("unhcr", Duty.CASH_MAKER)
    assert (await world.api.get(first.headers["location"], stranger)).status_code == 404


async def test_abandoned_plan_is_cancelled_and_frees_its_households(world, place):
    programme = await world.programme(await world.budget_line())
    await world.household()
    plans = {
        "abandoned": await world.plan(programme, *PREPARED, cycle=world.cycles[0]),
        "signed": await world.plan(programme, *PREPARED, cycle=world.cycles[1]),
        "changed": await world.plan(programme, "populate", cycle=world.cycles[2]),
        "released": await world.released(programme, cycle=world.cycles[3]),
    }
    with psycopg.connect(place.admin, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")  # without the trigger that sets the time
        admin.execute("UPDATE data.payment_plan SET last_changed = last_changed - interval '15 days'")
        admin.execute("UPDATE data.sign_off SET created = created - interval '15 days'")
    tier_of_one = await world.api.post(f"{plans['signed']}/approve", world.checker)
    assert tier_of_one.status_code == 200
    await world.take(plans["changed"], "lock", world.maker)
    await cancel_abandoned_plans(world.database)
    states = {name: (await world.api.get(plan, world.maker)).json()["state"] for name, plan in plans.items()}
    assert states == {
        "abandoned": "cancelled",
        "signed": "approved",
        "changed": "locked",
        "released": "released",
    }
    again = await world.plan(programme, "populate", cycle=world.cycles[0])
    assert (await world.api.get(again, world.maker)).json()["payment_count"] == 1


async def test_household_whose_consent_ends_before_the_amounts_is_left_out_with_the_reason(world):
    programme = await world.programme(await world.budget_line())
    household, other = await world.household(), await world.household()
    plan = await world.plan(programme, "populate", "lock")
    await world.end_consent(household)
    assert (await world.take(plan, "entitle", world.maker))["payment_count"] == 1
    shown = (await world.api.get(f"{plan}/payments", world.maker)).json()["items"]
    assert {each["household_id"]: (each["state"], each["reason"]) for each in shown} == {
        str(household.id): ("cancelled", "consent_ended"),
        str(other.id): ("planned", None),
    }


async def test_each_step_costs_as_many_statements_for_many_households_as_for_one(world, count_statements):
    counts = []
    for households in (1, 4):
        programme = await world.programme(await world.budget_line(), purpose=f"size-{households}")
        for number in range(households):
            await world.household(size=1 + number, area=f"PA130{number}")
        steps = {}
        plan = (await world.plan(programme))[-36:]
        for step, who, work in (
            ("populate", world.maker, commands.populate),
            ("lock", world.maker, partial(commands.take_step, step=PlanStep.LOCK)),
            ("entitle", world.maker, partial(commands.entitle, progress=NoProgress())),
            ("submit", world.maker, commands.submit),
            ("approve", world.checker, partial(commands.approve, stage=ApprovalStage.APPROVE)),
            ("authorise", world.checker2, partial(commands.approve, stage=ApprovalStage.AUTHORISE)),
            ("release", world.releaser, partial(commands.approve, stage=ApprovalStage.RELEASE)),
        ):
            duties = frozenset({Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER})
            principal = Principal(subject_of(who), world.iom, "iom", duties)
            with count_statements() as sent:
                async with world.database.unit(principal) as unit:
                    state = await work(unit, UUID(plan))
            steps[step] = len(sent)
        assert (state.state, state.payment_count) == ("released", households)
        counts.append(steps)
    assert counts[0] == counts[1]
    assert max(counts[0].values()) <= 20, counts


async def test_households_that_are_equal_to_the_rule_have_one_calculation(world, place):
    programme = await world.programme(await world.budget_line())
    for area, income in (("PA1301", 5000), ("PA1302", 5000), ("PA1301", 29000)):
        await world.household(area=area, own_income=income)
    plan = await world.plan(programme, *PREPARED)
    shown = (await world.api.get(f"{plan}/payments", world.checker)).json()["items"]
    assert sorted(payment["amount"] for payment in shown) == [2_000, 25_000, 25_000]
    assert all(payment["calculation"][-1]["result"] in ("250", "20") for payment in shown)
    with psycopg.connect(place.admin) as admin:
        (stored,) = admin.execute(
            "SELECT count(*) FROM data.calculation WHERE root = %s", [plan[-36:]]
        ).fetchone()
    assert stored == 2
