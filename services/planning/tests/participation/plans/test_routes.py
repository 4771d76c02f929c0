"""A plan's way over HTTP, by its owner and by the agency that works on it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from solidary.language.codes.people import Community
from solidary.language.events.market import PlanLineProposed
from solidary.language.events.planning import ActionRejected


def need(community, **changes):
    evidence = {
        "kind": "workshop",
        "on": "2026-10-03",
        "note": "Taller en la casa comunal",
        "participants": 24,
    }
    return {
        "perspective": "social_inclusion",
        "community": community,
        "statement": "No hay cupos de escuela cerca",
        "severity": 4,
        "evidence": evidence,
    } | changes


async def step(api, plan, headers, *states, expect=200):
    for state in states:
        answer = await api.post(f"{plan}/advance", json={"to": state}, headers=headers)
        assert answer.status_code == expect, answer.text
    return answer.json()


async def needs_agreed(api, plan, headers):
    await step(api, plan, headers, "diagnosis")
    answer = await api.post(f"{plan}/diagnosis", json={"summary": "Falta agua."}, headers=headers)
    assert answer.status_code == 200, answer.text
    for community in Community:
        answer = await api.post(f"{plan}/needs", json=need(community), headers=headers)
        assert answer.status_code == 201, answer.text
    await step(api, plan, headers, "needs_agreed")
    return [need["id"] for need in answer.json()["needs"]]


async def test_a_diagnosis_shows_averages_with_their_source_to_everybody(api, plan, planner, facilitator):
    plan_id = plan.rsplit("/", 1)[1]
    assert (await api.get(f"/published/plans/{plan_id}")).status_code == 404
    early = await api.post(f"{plan}/diagnosis", json={"summary": "Falta agua."}, headers=planner)
    assert early.status_code == 409
    await step(api, plan, facilitator, "diagnosis")
    unknown = {"summary": "Falta agua.", "indicators": ["water", "gold"]}
    answer = await api.post(f"{plan}/diagnosis", json=unknown, headers=facilitator)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/indicators/1"]
    await api.post(f"{plan}/diagnosis", json={"summary": "Falta agua."}, headers=facilitator)
    sheet = (await api.get(f"/published/plans/{plan_id}")).json()
    assert sheet["diagnosis"]["figures"] == [{"indicator": "water", "mean": 15.0}]
    assert sheet["diagnosis"]["sources"][0]["synthetic"] is True
    assert sheet["state"] == "diagnosis"


async def test_needs_are_agreed_with_evidence_from_all_three_communities_only(api, plan, facilitator):
    await step(api, plan, facilitator, "diagnosis")
    await api.post(f"{plan}/diagnosis", json={"summary": "Falta agua."}, headers=facilitator)
    for community in ("refugee", "migrant"):
        await api.post(f"{plan}/needs", json=need(community), headers=facilitator)
    refused = await step(api, plan, facilitator, "needs_agreed", expect=409)
    assert refused["detail"] == "evidence is missing from these communities: host"
    await api.post(f"{plan}/needs", json=need("host", severity=5), headers=facilitator)
    assert (await step(api, plan, facilitator, "needs_agreed"))["state"] == "needs_agreed"
    listed = (await api.get(f"{plan}/needs", headers=facilitator)).json()["needs"]
    assert [each["community"] for each in listed] == ["host", "refugee", "migrant"]
    late = await api.post(f"{plan}/needs", json=need("host"), headers=facilitator)
    assert late.status_code == 409


async def test_costs_are_frozen_once_published_and_an_unfeasible_action_says_why(api, plan, facilitator):
    needs = await needs_agreed(api, plan, facilitator)
    await step(api, plan, facilitator, "co_creation")
    body = {"title": "Aula de refuerzo", "perspective": "social_inclusion", "needs": needs[:1]}
    actions = [
        (await api.post(f"{plan}/actions", json=body, headers=facilitator)).headers["location"]
        for _ in range(2)
    ]
    await api.post(f"{actions[0]}/cost", json={"cost_minor": 60_000}, headers=facilitator)
    early = await api.post(f"{actions[0]}/verdict", json={"feasible": True}, headers=facilitator)
    assert early.status_code == 409
    await step(api, plan, facilitator, "feasibility")
    await api.post(f"{actions[0]}/verdict", json={"feasible": True}, headers=facilitator)
    mute = await api.post(f"{actions[1]}/verdict", json={"feasible": False}, headers=facilitator)
    assert mute.status_code == 422
    assert mute.json()["errors"][0]["pointer"] == "/reason"
    await step(api, plan, facilitator, "costs_published", expect=409)
    why = {"feasible": False, "reason": "El terreno no es municipal"}
    await api.post(f"{actions[1]}/verdict", json=why, headers=facilitator)
    await step(api, plan, facilitator, "costs_published")
    changed = await api.post(f"{actions[0]}/cost", json={"cost_minor": 1}, headers=facilitator)
    assert changed.status_code == 409
    sheet = (await api.get(f"/published{plan}")).json()
    assert {action["reason"] for action in sheet["actions"]} == {None, "El terreno no es municipal"}
    rejected = (await api.get(actions[1], headers=facilitator)).json()
    assert rejected["outcome"] == "rejected"


async def test_the_database_itself_refuses_to_change_a_frozen_cost(api, plan, facilitator, database, tokens):
    import psycopg
    from solidary.platform.identity import Principal
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    needs = await needs_agreed(api, plan, facilitator)
    await step(api, plan, facilitator, "co_creation")
    body = {"title": "Aula", "perspective": "social_inclusion", "needs": needs, "cost_minor": 5}
    action = (await api.post(f"{plan}/actions", json=body, headers=facilitator)).headers["location"]
    await step(api, plan, facilitator, "feasibility")
    await api.post(f"{action}/verdict", json={"feasible": True}, headers=facilitator)
    await step(api, plan, facilitator, "costs_published")
    owner = Principal(uuid4(), tokens.agency("chorrera"), "chorrera", frozenset())
    with pytest.raises(DBAPIError) as refused:
        async with database.unit(owner) as unit:
            await unit.session.execute(
                text("UPDATE data.action SET cost_minor = 1 WHERE id = :id"), {"id": action.rsplit("/", 1)[1]}
            )
    assert isinstance(refused.value.orig, psycopg.errors.CheckViolation)


def line(plan, **changes):
    return PlanLineProposed(
        **{
            "plan_line_id": uuid4(),
            "assessment_id": uuid4(),
            "plan_id": plan.rsplit("/", 1)[1],
            "title": "Ventanilla de formalización",
            "sector": "G",
            "currency": "USD",
            "cost_minor": 30_000,
        }
        | changes
    )


async def test_a_line_of_the_market_becomes_an_action_once(api, plan, planner, hear, tokens):
    proposed = line(plan)
    for _ in range(2):
        await hear(proposed, tokens.agency("unhabitat"))
    (action,) = (await api.get(f"{plan}/actions", headers=planner)).json()["actions"]
    assert action["derived_from"] == str(proposed.plan_line_id)
    assert (action["cost_minor"], action["verdict"], action["outcome"]) == (30_000, "open", "proposed")


@pytest.mark.parametrize(
    ("change", "reason"), [({"currency": "PAB"}, "the plan counts in USD, the line in PAB")]
)
async def test_a_line_that_cannot_be_taken_up_is_refused_with_the_reason(
    api, plan, planner, hear, told, tokens, change, reason
):
    proposed = line(plan, **change)
    await hear(proposed, tokens.agency("unhabitat"))
    (action,) = (await api.get(f"{plan}/actions", headers=planner)).json()["actions"]
    assert (action["verdict"], action["reason"], action["outcome"]) == ("unfeasible", reason, "rejected")
    told_to_proposer = [rejected["derived_from"] for rejected in await told(ActionRejected, "unhabitat")]
    assert str(proposed.plan_line_id) in told_to_proposer


async def test_a_line_of_an_agency_that_does_not_work_on_the_plan_is_as_one_for_no_plan(
    api, plan, planner, hear, told, tokens
):
    """No trace in the plan and no answer: nobody learns from planning which plans there are."""
    proposed = [line(plan), line(f"/plans/{uuid4()}")]
    for each in proposed:
        await hear(each, tokens.agency("iom"))
    assert (await api.get(f"{plan}/actions", headers=planner)).json()["actions"] == []
    answered = {each["derived_from"] for each in await told(ActionRejected, "iom")}
    assert not answered & {str(each.plan_line_id) for each in proposed}
    await hear(led_along := line(plan), tokens.agency("iom"), parties=[tokens.agency("chorrera")])
    (action,) = (await api.get(f"{plan}/actions", headers=planner)).json()["actions"]
    assert action["derived_from"] == str(led_along.plan_line_id)


async def test_a_plan_is_opened_by_the_agency_that_drew_its_unit(api, plan, tiu, facilitator):
    body = {"title": "Otro plan", "tiu_id": tiu["id"], "currency": "USD", "budget_minor": 1}
    assert (await api.post("/plans", json=body, headers=facilitator)).status_code == 409


async def test_another_agency_finds_no_plan(api, plan, stranger):
    for path in (
        plan,
        f"{plan}/needs",
        f"{plan}/actions",
        f"{plan}/demand",
        f"{plan}/turnout",
        f"{plan}/act",
    ):
        assert (await api.get(path, headers=stranger)).status_code == 404, path
    for path, body in (
        ("/advance", {"to": "diagnosis"}),
        ("/needs", need("host")),
        ("/cards", {"count": 1}),
        ("/partners", {"agency": str(uuid4())}),
        ("/validate", {"act_number": "1"}),
        ("/allocation", None),
    ):
        assert (await api.post(plan + path, json=body, headers=stranger)).status_code == 404, path
    assert (await api.get("/plans", headers=stranger)).json()["items"] == []


async def test_who_works_on_a_plan_shares_it_with_nobody(api, plan, tokens, facilitator):
    body = {"agency": str(tokens.agency("iom"))}
    assert (await api.post(f"{plan}/partners", json=body, headers=facilitator)).status_code == 404
    assert plan.rsplit("/", 1)[1] in {
        item["id"] for item in (await api.get("/plans", headers=facilitator)).json()["items"]
    }


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"currency": "EUR"}, 422, "/currency"),
        ({"budget_minor": 0}, 422, "/budget_minor"),
        ({"title": ""}, 422, "/title"),
        ({"colour": "red"}, 422, "/colour"),
        ({"tiu_id": str(uuid4())}, 404, None),
    ],
)
async def test_a_wrong_plan_is_refused(api, planner, tiu, change, status, pointer):
    body = {"title": "Plan", "tiu_id": tiu["id"], "currency": "USD", "budget_minor": 1} | change
    answer = await api.post("/plans", json=body, headers=planner)
    assert answer.status_code == status
    if pointer:
        assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
