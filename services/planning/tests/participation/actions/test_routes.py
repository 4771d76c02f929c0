"""Tests of actions over HTTP, and of plan lines from market assessments."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from planning.participation.actions import commands
from solidary.language.events.planning import ActionRejected
from solidary.platform.identity import Principal
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError


async def test_published_costs_cannot_change_and_an_unfeasible_action_needs_a_reason(
    api, plan, facilitator, advance, agree_needs
):
    needs = await agree_needs(plan, facilitator)
    await advance(plan, facilitator, "co_creation")
    body = {"title": "Aula de refuerzo", "perspective": "social_inclusion", "needs": needs[:1]}
    actions = [
        (await api.post(f"{plan}/actions", json=body, headers=facilitator)).headers["location"]
        for _ in range(2)
    ]
    await api.post(f"{actions[0]}/cost", json={"cost_minor": 60_000}, headers=facilitator)
    early = await api.post(f"{actions[0]}/verdict", json={"feasible": True}, headers=facilitator)
    assert early.status_code == 409
    await advance(plan, facilitator, "feasibility")
    await api.post(f"{actions[0]}/verdict", json={"feasible": True}, headers=facilitator)
    without_reason = await api.post(f"{actions[1]}/verdict", json={"feasible": False}, headers=facilitator)
    assert without_reason.status_code == 422
    assert without_reason.json()["errors"][0]["pointer"] == "/reason"
    await advance(plan, facilitator, "costs_published", expect=409)
    verdict = {"feasible": False, "reason": "El terreno no es municipal"}
    await api.post(f"{actions[1]}/verdict", json=verdict, headers=facilitator)
    await advance(plan, facilitator, "costs_published")
    changed = await api.post(f"{actions[0]}/cost", json={"cost_minor": 1}, headers=facilitator)
    assert changed.status_code == 409
    published = (await api.get(f"/published{plan}")).json()
    assert {action["reason"] for action in published["actions"]} == {None, "El terreno no es municipal"}
    assert (await api.get(actions[1], headers=facilitator)).json()["state"] == "not_feasible"


@pytest.mark.parametrize(
    ("change", "constraint"),
    [("cost_minor = 1", "action_published_cost"), ("state = 'closed'", "action_transition")],
)
async def test_the_database_admits_no_other_change_of_a_published_action(
    api, plan, facilitator, database, tokens, advance, agree_needs, change, constraint
):
    needs = await agree_needs(plan, facilitator)
    await advance(plan, facilitator, "co_creation")
    body = {"title": "Aula", "perspective": "social_inclusion", "needs": needs, "cost_minor": 5}
    action = (await api.post(f"{plan}/actions", json=body, headers=facilitator)).headers["location"]
    await advance(plan, facilitator, "feasibility")
    await api.post(f"{action}/verdict", json={"feasible": True}, headers=facilitator)
    await advance(plan, facilitator, "costs_published")
    owner = Principal(uuid4(), tokens.agency("chorrera"), "chorrera", frozenset())

    with pytest.raises(DBAPIError) as caught:
        async with database.unit(owner) as unit:
            statement = text(f"UPDATE data.action SET {change} WHERE id = :id")
            await unit.session.execute(statement, {"id": action.rsplit("/", 1)[1]})
    assert isinstance(caught.value.orig, psycopg.errors.CheckViolation)
    assert caught.value.orig.diag.constraint_name == constraint


async def test_a_plan_line_becomes_an_action_once(api, plan, planner, consume, tokens, plan_line):
    line = plan_line(plan)
    for _ in range(2):
        await consume(line, tokens.agency("unhabitat"))
    (action,) = (await api.get(f"{plan}/actions", headers=planner)).json()["actions"]
    assert action["derived_from"] == str(line.plan_line_id)
    assert (action["cost_minor"], action["state"]) == (40_000, "proposed")


async def test_a_plan_line_in_another_currency_is_rejected_with_the_reason(
    api, plan, planner, consume, published, tokens, plan_line
):
    line = plan_line(plan, currency="PAB")
    await consume(line, tokens.agency("unhabitat"))
    (action,) = (await api.get(f"{plan}/actions", headers=planner)).json()["actions"]
    reason = "The plan is in USD, but the line is in PAB."
    assert (action["state"], action["reason"]) == ("not_feasible", reason)
    rejected = [event["derived_from"] for event in await published(ActionRejected, "unhabitat")]
    assert str(line.plan_line_id) in rejected


async def test_a_plan_line_of_an_unrelated_agency_is_ignored_like_one_for_an_unknown_plan(
    api, plan, planner, consume, published, tokens, plan_line
):
    lines = [plan_line(plan), plan_line(f"/plans/{uuid4()}")]
    for line in lines:
        await consume(line, tokens.agency("iom"))
    assert (await api.get(f"{plan}/actions", headers=planner)).json()["actions"] == []
    rejected = {event["derived_from"] for event in await published(ActionRejected, "iom")}
    assert not rejected & {str(line.plan_line_id) for line in lines}
    co_led = plan_line(plan, municipality=tokens.agency("chorrera"))
    await consume(co_led, tokens.agency("iom"))
    (action,) = (await api.get(f"{plan}/actions", headers=planner)).json()["actions"]
    assert action["derived_from"] == str(co_led.plan_line_id)


async def test_plan_lines_are_bounded_and_leave_room_for_the_plans_own_actions(
    api, plan, facilitator, consume, published, tokens, plan_line, advance, agree_needs, monkeypatch
):
    """Flood a plan with lines, also with lines that cannot become proposals."""
    monkeypatch.setattr(commands, "MAX_PLAN_LINES", 2)
    lines = [plan_line(plan), plan_line(plan, currency="PAB"), plan_line(plan), plan_line(plan)]
    for line in lines:
        await consume(line, tokens.agency("unhabitat"))
    actions = (await api.get(f"{plan}/actions", headers=facilitator)).json()["actions"]
    assert {each["derived_from"] for each in actions} == {str(each.plan_line_id) for each in lines[:2]}
    rejected = {event["derived_from"] for event in await published(ActionRejected, "unhabitat")}
    assert {str(each.plan_line_id) for each in lines[1:]} <= rejected
    needs = await agree_needs(plan, facilitator)
    await advance(plan, facilitator, "co_creation")
    body = {"title": "Aula de refuerzo", "perspective": "social_inclusion", "needs": needs[:1]}
    assert (await api.post(f"{plan}/actions", json=body, headers=facilitator)).status_code == 201


async def test_a_plan_has_a_greatest_number_of_actions(
    api, plan, facilitator, advance, agree_needs, monkeypatch
):
    monkeypatch.setattr(commands, "MAX_ACTIONS", 1)
    needs = await agree_needs(plan, facilitator)
    await advance(plan, facilitator, "co_creation")
    body = {"title": "Aula de refuerzo", "perspective": "social_inclusion", "needs": needs[:1]}
    answers = [await api.post(f"{plan}/actions", json=body, headers=facilitator) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
