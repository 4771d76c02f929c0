"""From ballot cards to budget lines, over HTTP."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from solidary.language.events.market import PlanLineProposed
from solidary.language.events.planning import ActionAccepted, ActionRejected, PlanReturned, PlanValidated
from solidary.platform.identity import Duty


async def step(api, plan, headers, *states):
    for state in states:
        answer = await api.post(f"{plan}/advance", json={"to": state}, headers=headers)
        assert answer.status_code == 200, answer.text


async def costed(api, plan, headers, costs):
    """Costs the actions of a plan in feasibility, judges them feasible; returns their ids."""
    actions = (await api.get(f"{plan}/actions", headers=headers)).json()["actions"]
    for action, cost in zip(actions, costs, strict=True):
        await api.post(f"/actions/{action['id']}/cost", json={"cost_minor": cost}, headers=headers)
        await api.post(f"/actions/{action['id']}/verdict", json={"feasible": True}, headers=headers)
    return [action["id"] for action in actions]


@pytest.fixture
async def balloting(api, plan, facilitator, hear, tokens):
    """A plan whose ballots are open: two actions of its own and one of the market. USD 600, 600, 400 of 1,000."""
    await step(api, plan, facilitator, "diagnosis")
    await api.post(f"{plan}/diagnosis", json={"summary": "Falta agua."}, headers=facilitator)
    for community in ("refugee", "migrant", "host"):
        body = {
            "perspective": "social_inclusion",
            "community": community,
            "statement": "No hay cupos",
            "severity": 3,
            "evidence": {"kind": "survey", "on": "2026-10-01", "note": "Encuesta"},
        }
        needs = (await api.post(f"{plan}/needs", json=body, headers=facilitator)).json()["needs"]
    await step(api, plan, facilitator, "needs_agreed", "co_creation")
    for title in ("Aula de refuerzo", "Parque lineal"):
        body = {"title": title, "perspective": "social_inclusion", "needs": [needs[0]["id"]]}
        assert (await api.post(f"{plan}/actions", json=body, headers=facilitator)).status_code == 201
    line = PlanLineProposed(
        plan_line_id=uuid4(),
        assessment_id=uuid4(),
        plan_id=plan.rsplit("/", 1)[1],
        title="Ventanilla",
        sector="G",
        currency="USD",
        cost_minor=40_000,
    )
    await hear(line, tokens.agency("unhabitat"))
    await step(api, plan, facilitator, "feasibility")
    actions = await costed(api, plan, facilitator, [60_000, 60_000, 40_000])
    await step(api, plan, facilitator, "costs_published", "balloting")
    return plan, actions, str(line.plan_line_id)


def ballot(card, community, *approvals):
    return {"card": card, "community": community, "channel": "paper", "approvals": approvals}


async def cast(api, plan, headers, *ballots):
    return await api.post(f"{plan}/ballots", json={"ballots": ballots}, headers=headers)


async def voted(api, plan, headers, actions):
    """Six hosts for the first two actions, two refugees and two migrants for the third."""
    issued = await api.post(f"{plan}/cards", json={"count": 10}, headers=headers)
    cards = issued.json()["cards"]
    assert (await api.get(issued.headers["location"], headers=headers)).json() == issued.json()
    ballots = [ballot(card, "host", *actions[:2]) for card in cards[:6]]
    ballots += [ballot(card, "refugee", actions[2]) for card in cards[6:8]]
    ballots += [ballot(card, "migrant", actions[2]) for card in cards[8:]]
    assert (await cast(api, plan, headers, *ballots)).status_code == 201
    return cards


async def test_a_card_votes_once_and_no_ballot_leads_back_to_it(api, balloting, facilitator, planner):
    plan, actions, _ = balloting
    cards = await voted(api, plan, facilitator, actions)
    again = await cast(
        api, plan, facilitator, ballot("3-AAAAAAAAAAAA", "host"), ballot(cards[1], "host", actions[0])
    )
    assert again.status_code == 422
    assert [fault["pointer"] for fault in again.json()["errors"]] == ["/ballots/0/card"]
    again = await cast(api, plan, facilitator, ballot(cards[1], "host", actions[0]))
    assert again.json()["errors"] == [{"pointer": "/ballots/0/card", "detail": "has voted already"}]
    turnout = (await api.get(f"{plan}/turnout", headers=planner)).json()
    assert (turnout["cards"], turnout["ballots"]) == (10, 10)
    assert {line["community"]: line["ballots"] for line in turnout["by"]} == {
        "host": 6,
        "migrant": 2,
        "refugee": 2,
    }


async def test_a_card_sent_twice_at_once_votes_once(api, balloting, facilitator, planner):
    plan, actions, _ = balloting
    card = (await api.post(f"{plan}/cards", json={"count": 1}, headers=facilitator)).json()["cards"][0]
    answers = await asyncio.gather(
        *(cast(api, plan, facilitator, ballot(card, "host", action)) for action in actions)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422]
    assert (await api.get(f"{plan}/turnout", headers=planner)).json()["ballots"] == 1


@pytest.mark.parametrize("change", [{"community": "asylum_seeker"}, {"channel": "shouted"}, {"name": "Ana"}])
async def test_a_ballot_asks_for_a_community_never_for_a_status_or_a_name(
    api, balloting, facilitator, change
):
    plan, _, _ = balloting
    answer = await cast(api, plan, facilitator, ballot("1-X", "host") | change)
    assert answer.status_code == 422
    (name,) = change
    assert f"/ballots/0/{name}" in [fault["pointer"] for fault in answer.json()["errors"]]


async def test_an_approval_of_what_is_not_voted_on_is_named(api, balloting, facilitator):
    plan, actions, _ = balloting
    card = (await api.post(f"{plan}/cards", json={"count": 1}, headers=facilitator)).json()["cards"][0]
    answer = await cast(api, plan, facilitator, ballot(card, "host", actions[0], str(uuid4())))
    assert answer.json()["errors"][0]["pointer"] == "/ballots/0/approvals/1"


async def test_equal_shares_is_exact_and_its_account_adds_up(api, balloting, facilitator, planner, done):
    plan, actions, _ = balloting
    await voted(api, plan, facilitator, actions)
    early = await api.post(f"{plan}/allocation", headers=planner)
    assert early.status_code == 409
    await step(api, plan, facilitator, "ballots_reviewed")
    asked = await api.post(f"{plan}/allocation", headers=planner)
    assert (await api.get(f"{plan}/allocation", headers=planner)).status_code == 404
    work = await done(asked, planner)
    assert (work["state"], work["result"]) == ("done", f"{plan}/allocation")
    allocation = (await api.get(work["result"], headers=planner)).json()
    assert set(allocation["selected"]) == {actions[0], actions[2]} or set(allocation["selected"]) == {
        actions[1],
        actions[2],
    }
    assert (allocation["rule"], allocation["cost_minor"]) == ("equalshares/add1", 100_000)
    assert sum(line["paid_minor"] for line in allocation["account"]["paid"]) == 100_000
    paid = {line["community"]: line["paid_minor"] for line in allocation["account"]["communities"]}
    assert paid == {"host": 60_000, "migrant": 20_000, "refugee": 20_000}
    population = {
        line["community"]: line["share_of_population"] for line in allocation["account"]["communities"]
    }
    assert population == {"host": 0.6, "migrant": 0.3, "refugee": 0.1}
    again = await api.post(f"{plan}/allocation", headers=planner)
    assert again.status_code == 409


async def test_asked_twice_before_it_is_done_a_plan_is_allocated_once(
    api, balloting, facilitator, planner, done
):
    plan, actions, _ = balloting
    await voted(api, plan, facilitator, actions)
    await step(api, plan, facilitator, "ballots_reviewed")
    asked = [await api.post(f"{plan}/allocation", headers=who) for who in (planner, facilitator)]
    first = await done(asked[0], planner)
    second = await done(asked[1], facilitator)
    assert (first["state"], second["state"], second["failure"]["status"]) == ("done", "failed", 409)
    assert len((await api.get(f"{plan}/allocations", headers=planner)).json()) == 1
    assert (await api.get(asked[1].headers["location"], headers=planner)).status_code == 404


@pytest.fixture
async def allocated(api, balloting, facilitator, planner, done):
    plan, actions, line = balloting
    await voted(api, plan, facilitator, actions)
    await step(api, plan, facilitator, "ballots_reviewed")
    await done(await api.post(f"{plan}/allocation", headers=planner), planner)
    return plan, actions, line


async def test_the_municipality_validates_with_an_act_and_its_budget_lines_come_to_be(
    api, allocated, planner, authority, facilitator, tokens, told
):
    plan, actions, line = allocated
    iom = str(tokens.agency("iom"))
    act = {"act_number": "Acuerdo 12", "may_draw": [{"action_id": actions[2], "agencies": [iom]}]}
    assert (await api.post(f"{plan}/validate", json=act, headers=authority)).status_code == 409
    assert (await api.get(plan, headers=tokens.of("iom", Duty.PLANNER))).status_code == 404
    await step(api, plan, planner, "submitted_to_government")
    theirs = tokens.of("unhabitat", Duty.AUTHORITY)
    refused = await api.post(f"{plan}/validate", json=act, headers=theirs)
    assert (refused.status_code, "owns the plan" in refused.json()["detail"]) == (409, True)
    assert (await api.post(f"{plan}/validate", json=act, headers=planner)).status_code == 403
    wrong = act | {"may_draw": [{"action_id": str(uuid4()), "agencies": [iom]}]}
    answer = await api.post(f"{plan}/validate", json=wrong, headers=authority)
    assert answer.json()["errors"][0]["pointer"] == "/may_draw/0/action_id"
    answer = await api.post(
        f"{plan}/validate", json=act, headers=authority | {"Idempotency-Key": str(uuid4())}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json() == (await api.get(f"{plan}/act", headers=planner)).json()
    lines = {line["action_id"]: line for line in answer.json()["budget_lines"]}
    assert lines[actions[2]]["may_draw"] == [iom]
    assert sum(line["amount_minor"] for line in lines.values()) == 100_000
    (validated,) = [event for event in await told(PlanValidated, "iom") if event["plan_id"] in plan]
    assert {each["action_id"] for each in validated["budget_lines"]} == set(lines)
    drawing = tokens.of("iom", Duty.PLANNER)
    assert (await api.get(plan, headers=drawing)).json()["act_number"] == "Acuerdo 12"
    assert (
        await api.post(f"{plan}/advance", json={"to": "implementing"}, headers=drawing)
    ).status_code == 404
    accepted = [event["derived_from"] for event in await told(ActionAccepted, "unhabitat")]
    assert line in accepted
    (rejected,) = [event for event in await told(ActionRejected) if event["plan_id"] in plan]
    assert rejected["reason"] == "the ballots did not choose it within the budget"
    sheet = (await api.get(f"/published{plan}")).json()
    assert sheet["act_number"] == "Acuerdo 12"
    assert sorted(action["outcome"] for action in sheet["actions"]) == ["accepted", "accepted", "rejected"]


async def test_an_override_needs_a_reason_and_is_signed(api, allocated, planner, authority):
    plan, actions, _ = allocated
    why = "La obra de agua ya tiene permiso y no puede esperar"
    assert (
        await api.post(f"{plan}/override", json={"selected": actions[:1], "reason": why}, headers=planner)
    ).status_code == 403
    mute = await api.post(f"{plan}/override", json={"selected": actions[:1], "reason": ""}, headers=authority)
    assert mute.json()["errors"][0]["pointer"] == "/reason"
    dear = await api.post(
        f"{plan}/override", json={"selected": actions[:2], "reason": why}, headers=authority
    )
    assert dear.json()["errors"][0] == {"pointer": "/selected", "detail": "costs 20000 more than the budget"}
    answer = await api.post(
        f"{plan}/override", json={"selected": actions[:1], "reason": why}, headers=authority
    )
    assert answer.status_code == 200, answer.text
    custom = answer.json()
    assert (custom["rule"], custom["reason"], custom["selected"]) == ("greedy-custom", why, actions[:1])
    assert custom["signer"]
    history = (await api.get(f"{plan}/allocations", headers=planner)).json()
    assert [each["rule"] for each in history] == ["greedy-custom", "equalshares/add1"]
    await step(api, plan, planner, "submitted_to_government")
    act = await api.post(f"{plan}/validate", json={"act_number": "Acuerdo 13"}, headers=authority)
    assert [line["action_id"] for line in act.json()["budget_lines"]] == actions[:1]


async def test_a_returned_plan_has_its_costs_open_again_and_another_round_of_ballots(
    api, allocated, planner, facilitator, authority, told
):
    plan, _actions, _ = allocated
    old = (await api.get(f"{plan}/cards", headers=facilitator)).json()["cards"]
    await step(api, plan, planner, "submitted_to_government")
    why = {"reason": "Falta el visto bueno de la junta comunal"}
    returned = await api.post(f"{plan}/return", json=why, headers=authority)
    assert (returned.json()["state"], returned.json()["reason"]) == ("returned", why["reason"])
    assert why["reason"] in [event["reason"] for event in await told(PlanReturned)]
    await step(api, plan, planner, "co_creation", "feasibility")
    actions = await costed(api, plan, planner, [50_000, 50_000, 40_000])
    await step(api, plan, planner, "costs_published", "balloting")
    await api.post(f"{plan}/cards", json={"count": 10}, headers=facilitator)
    stale = await cast(api, plan, facilitator, ballot(old[0], "host", actions[0]))
    assert stale.json()["errors"][0]["pointer"] == "/ballots/0/card"
    turnout = (await api.get(f"{plan}/turnout", headers=planner)).json()
    assert (turnout["round"], turnout["ballots"]) == (2, 0)
