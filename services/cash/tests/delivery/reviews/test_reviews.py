"""All that a checker signs, over HTTP: makers by link, accounts, households that are paid elsewhere."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from solidary.language.events.intake import HouseholdChanged
from solidary.platform.identity import Duty

PREPARED = ("populate", "lock", "entitle", "submit")
REASON = "Two sisters who share one account; the desk has spoken with both."


def subject(headers: dict[str, str]) -> str:
    body = headers["Authorization"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["sub"]


def problem(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:solidary:problem:")


async def review(world, plan: str) -> dict[str, object]:
    answer = await world.api.get(f"{plan}/review", world.checker)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def decide(world, plan: str, who, *flagged, decision: str = "pay"):
    body = {
        "decisions": [
            {"payment_id": each["payment_id"], "flag": each["flag"], "decision": decision, "reason": REASON}
            for each in flagged
        ]
    }
    return await world.api.post(f"{plan}/flag-decisions", who, body)


@pytest.mark.parametrize("writer", ["intake", "referrals"])
async def test_whoever_wrote_what_a_plan_pays_neither_approves_nor_releases_it(world, writer):
    """Write the account or accept the referral as the checker, and as the releaser."""
    wrote = [subject(world.checker), subject(world.releaser)]
    programme = await world.programme(await world.budget_line())
    for one in wrote:
        world.intake.accepted_by = one if writer == "referrals" else str(uuid4())
        await world.household(makers=[one] if writer == "intake" else [])
    plan = await world.plan(programme, *PREPARED)
    assert problem(await world.api.post(f"{plan}/approve", world.checker)) == (409, "approver-prepared-plan")
    third = world.tokens.of("iom", Duty.CASH_CHECKER, number=3)
    await world.take(plan, "approve", world.checker2)
    await world.take(plan, "authorise", third)
    assert problem(await world.api.post(f"{plan}/release", world.releaser)) == (409, "approver-prepared-plan")
    assert set(wrote) < set((await review(world, plan))["makers"])
    other = world.tokens.of("iom", Duty.CASH_RELEASER, number=2)
    await world.take(plan, "release", other)
    order = await world.api.post(
        f"{plan}/instruction", world.releaser, {"execution_date": f"{datetime.now(UTC):%Y-%m-%d}"}
    )
    assert problem(order) == (409, "maker-orders")


async def test_whoever_accepted_a_referral_is_a_maker_even_if_it_ended_before_the_first_profile(world):
    programme = await world.programme(await world.budget_line())
    world.intake.accepted_by, world.intake.refuses_profiles = subject(world.checker), True
    household = await world.household()
    world.intake.referrals.clear()
    world.intake.refuses_profiles = False
    await world.bus.deliver(HouseholdChanged(household_id=household.id, version=1), world.unhcr)
    await world.jobs()
    plan = await world.plan(programme, *PREPARED)
    assert subject(world.checker) in (await review(world, plan))["makers"]
    assert problem(await world.api.post(f"{plan}/approve", world.checker)) == (409, "approver-prepared-plan")


async def test_review_shows_all_that_a_checker_signs(world):
    tiers = [{"from_total": 0, "approvers": 1, "authorisers": 1, "releasers": 1}]
    programme = await world.programme(await world.budget_line(), approval_tiers=tiers)
    staying, leaving = await world.household(), await world.household()
    first = await world.released(programme)
    await world.ordered(first)
    world.intake.profiles[str(staying.id)] |= {"version": 2, "own_income": 28_000}
    await world.bus.deliver(HouseholdChanged(household_id=staying.id, version=2), world.unhcr)
    world.intake.profiles[str(leaving.id)] |= {"version": 2, "is_provisional": True}
    await world.bus.deliver(HouseholdChanged(household_id=leaving.id, version=2), world.unhcr)
    new = await world.household()
    plan = await world.plan(programme, *PREPARED, cycle=world.cycles[1])
    shown = await review(world, plan)
    assert (shown["plan"]["payment_count"], shown["plan"]["total"]) == (2, 28_000)
    assert (shown["debtor"]["name"], shown["debtor"]["account_number"]) == ("OIM Panamá", "04-12-99-1")
    assert (shown["rule"]["cap"], shown["rule_author"]) == ("250.00", subject(world.maker))
    assert shown["tiers"] == tiers
    assert [(each["stage"], each["needed"], each["given_by"]) for each in shown["approvals"]] == [
        ("approve", 1, []),
        ("authorise", 1, []),
        ("release", 1, []),
    ]
    assert shown["is_same_as_last_round"] is None
    assert shown["last_plan_id"] == first[-36:]
    assert shown["difference_counts"] == {"amount_changed": 1, "missing": 1, "new": 1}
    households = {each["difference"]: each["household_id"] for each in shown["differences"]}
    assert households == {
        "amount_changed": str(staying.id),
        "missing": str(leaving.id),
        "new": str(new.id),
    }
    await world.take(plan, "reject", world.checker)
    await world.take(plan, "submit", world.maker)
    assert (await review(world, plan))["is_same_as_last_round"] is True
    stranger = world.tokens.of("unhcr", Duty.CASH_CHECKER)
    assert (await world.api.get(f"{plan}/review", stranger)).status_code == 404


async def test_shared_account_needs_a_decision_before_the_release(world):
    programme = await world.programme(await world.budget_line())
    shared = uuid4().hex
    for _ in range(2):
        await world.household(account_fingerprint=shared)
    await world.household(account_fingerprint=uuid4().hex)
    plan = await world.plan(programme, *PREPARED)
    await world.take(plan, "approve", world.checker)
    await world.take(plan, "authorise", world.checker2)
    shown = await review(world, plan)
    assert (shown["flag_counts"], shown["undecided_count"]) == ({"paid_elsewhere": 0, "shared_account": 2}, 2)
    asked = await world.api.post(f"{plan}/release", world.releaser)
    assert (await world.outcome(asked, world.releaser))["failure"]["type"].endswith(":flags-undecided")
    assert (await decide(world, plan, world.maker, *shown["flagged"])).status_code == 403
    other = {"payment_id": str(uuid4()), "flag": "shared_account"}
    assert (await decide(world, plan, world.checker, other)).status_code == 404
    decided = await decide(world, plan, world.checker, *shown["flagged"])
    assert decided.status_code == 201, decided.text
    assert decided.json()["undecided_count"] == 0
    assert {each["reason"] for each in decided.json()["flagged"]} == {REASON}
    assert (await world.take(plan, "release", world.releaser))["state"] == "released"


async def test_maker_by_link_does_not_decide_on_payments(world):
    programme = await world.programme(await world.budget_line())
    shared = uuid4().hex
    for _ in range(2):
        await world.household(account_fingerprint=shared, makers=[subject(world.checker)])
    plan = await world.plan(programme, *PREPARED)
    flagged = (await review(world, plan))["flagged"]
    assert problem(await decide(world, plan, world.checker, *flagged)) == (409, "maker-decides")


async def test_person_who_is_paid_as_a_member_of_another_household_is_flagged(world):
    """Register one person twice, and pay the other household by another programme in this cycle."""
    token = uuid4().hex
    line = await world.budget_line()
    programme = await world.programme(line)
    await world.household(tokens=[token, uuid4().hex])
    await world.ordered(await world.released(programme))
    second = await world.programme(line)
    twice, other = await world.household(tokens=[token]), await world.household(tokens=[uuid4().hex])
    plan = await world.plan(second, *PREPARED)
    shown = await review(world, plan)
    assert shown["flag_counts"] == {"paid_elsewhere": 1, "shared_account": 0}
    (flagged,) = shown["flagged"]
    await decide(world, plan, world.checker, flagged, decision="leave_out")
    assert (await review(world, plan))["undecided_count"] == 1
    await world.take(plan, "reject", world.checker)
    await world.take(plan, "entitle", world.maker)
    payments = (await world.api.get(f"{plan}/payments", world.maker)).json()["items"]
    assert {each["household_id"]: (each["state"], each["reason"]) for each in payments} == {
        str(twice.id): ("cancelled", "paid_elsewhere"),
        str(other.id): ("planned", None),
    }
    next_cycle = await world.plan(second, *PREPARED, cycle=world.cycles[1])
    assert (await review(world, next_cycle))["flag_counts"]["paid_elsewhere"] == 0


async def test_provisional_person_and_changed_account_are_not_paid(world):
    programme = await world.programme(await world.budget_line())
    lately = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    long_ago = (datetime.now(UTC) - timedelta(days=20)).isoformat()
    await world.household(is_provisional=True)
    resting = await world.household(account_changed=lately)
    paid = [
        await world.household(account_changed=long_ago),
        await world.household(account_changed=lately, account_confirmed=True),
    ]
    plan = await world.plan(programme, *PREPARED)
    payments = (await world.api.get(f"{plan}/payments", world.maker)).json()["items"]
    assert {each["household_id"] for each in payments} == {str(each.id) for each in paid}
    control = {"account_rest_days": 1, "least_tiers": []}
    assert (await world.api.post("/payment-controls", world.maker, control)).status_code == 403
    assert (await world.api.post("/payment-controls", world.controller, control)).status_code == 201
    later = await world.plan(programme, "populate")
    (added,) = (await world.api.get(f"{later}/payments", world.maker)).json()["items"]
    assert added["household_id"] == str(resting.id)
    control["account_rest_days"] = 7
    assert (await world.api.post("/payment-controls", world.controller, control)).status_code == 201


@pytest.mark.parametrize(("days", "pays"), [(1, True), (5, False)])
async def test_programme_lets_an_account_rest_longer_than_the_agency_and_never_less(world, days, pays):
    """Let accounts rest for `days` in a programme whose agency demands 3 days."""
    line = await world.budget_line()
    control = {"account_rest_days": 3, "least_tiers": []}
    assert (await world.api.post("/payment-controls", world.controller, control)).status_code == 201
    programme = await world.programme(line, account_rest_days=days)
    changed = datetime.now(UTC) - timedelta(days=4)
    await world.household(account_changed=changed.isoformat())
    lately = datetime.now(UTC) - timedelta(days=2)
    never = await world.household(account_changed=lately.isoformat())
    plan = await world.plan(programme, "populate")
    payments = (await world.api.get(f"{plan}/payments", world.maker)).json()["items"]
    assert len(payments) == pays
    assert str(never.id) not in {each["household_id"] for each in payments}
    control["account_rest_days"] = 7
    assert (await world.api.post("/payment-controls", world.controller, control)).status_code == 201


async def test_least_approvals_are_set_by_the_agency_and_not_by_the_maker(world):
    programme = await world.programme(await world.budget_line(), approval_tiers=[{"from_total": 0}])
    await world.household()
    plan = await world.plan(programme, *PREPARED)
    control = {"account_rest_days": 7, "least_tiers": [{"from_total": 10_000, "approvers": 2}]}
    assert (await world.api.post("/payment-controls", world.controller, control)).status_code == 201
    shown = await review(world, plan)
    assert [each["needed"] for each in shown["approvals"]] == [2, 1, 1]
    assert (await world.take(plan, "approve", world.checker))["state"] == "submitted"
    assert (await world.take(plan, "approve", world.checker2))["state"] == "approved"
    read = (await world.api.get("/payment-controls", world.maker)).json()
    assert (read["set_by"], read["least_tiers"][0]["approvers"]) == (subject(world.controller), 2)
    control["least_tiers"] = []
    assert (await world.api.post("/payment-controls", world.controller, control)).status_code == 201


async def test_account_that_changed_since_the_last_payment_is_shown(world):
    programme = await world.programme(await world.budget_line())
    changed, same = (
        await world.household(account_fingerprint="a" * 32),
        await world.household(account_fingerprint="b" * 32),
    )
    await world.ordered(await world.released(programme))
    long_ago = (datetime.now(UTC) - timedelta(days=20)).isoformat()
    profile = world.intake.profiles[str(changed.id)]
    profile |= {
        "version": 2,
        "payout_version": 2,
        "account_fingerprint": "c" * 32,
        "account_changed": long_ago,
    }
    await world.bus.deliver(HouseholdChanged(household_id=changed.id, version=2), world.unhcr)
    await world.jobs()
    plan = await world.plan(programme, *PREPARED, cycle=world.cycles[1])
    shown = await review(world, plan)
    payments = {
        each["id"]: UUID(each["household_id"])
        for each in (await world.api.get(f"{plan}/payments", world.maker)).json()["items"]
    }
    assert [payments[id_] for id_ in shown["changed_accounts"]] == [changed.id]
    assert (shown["changed_account_count"], shown["difference_counts"]) == (1, {"account_changed": 1})
    assert same.id in payments.values()
