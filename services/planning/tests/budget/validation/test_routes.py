"""Tests of the government's act over HTTP."""

from __future__ import annotations

from uuid import uuid4

from solidary.language.events.planning import ActionAccepted, ActionRejected, PlanReturned, PlanValidated
from solidary.platform.identity import Duty


async def test_the_government_validates_a_plan_which_creates_its_budget_lines(
    api, allocated, planner, authority, tokens, published, advance
):
    plan, actions, line = allocated
    iom = str(tokens.agency("iom"))
    act = {"act_number": "Acuerdo 12", "may_draw": [{"action_id": actions[2], "agencies": [iom]}]}
    assert (await api.post(f"{plan}/validate", json=act, headers=authority)).status_code == 409
    assert (await api.get(plan, headers=tokens.of("iom", Duty.PLANNER))).status_code == 404
    await advance(plan, planner, "submitted_to_government")
    partner = tokens.of("unhabitat", Duty.AUTHORITY)
    by_partner = await api.post(f"{plan}/validate", json=act, headers=partner)
    assert (by_partner.status_code, by_partner.json()["detail"]) == (
        409,
        "Only the owning government can take the step «validate» of a plan.",
    )
    assert (await api.post(f"{plan}/validate", json=act, headers=planner)).status_code == 403
    unknown = act | {"may_draw": [{"action_id": str(uuid4()), "agencies": [iom]}]}
    answer = await api.post(f"{plan}/validate", json=unknown, headers=authority)
    assert answer.json()["errors"][0]["pointer"] == "/may_draw/0/action_id"
    answer = await api.post(
        f"{plan}/validate", json=act, headers=authority | {"Idempotency-Key": str(uuid4())}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json() == (await api.get(f"{plan}/act", headers=planner)).json()
    lines = {line["action_id"]: line for line in answer.json()["budget_lines"]}
    assert lines[actions[2]]["may_draw"] == [iom]
    assert sum(line["amount_minor"] for line in lines.values()) == 100_000
    (validated,) = [event for event in await published(PlanValidated, "iom") if event["plan_id"] in plan]
    assert {each["action_id"] for each in validated["budget_lines"]} == set(lines)
    drawing = tokens.of("iom", Duty.PLANNER)
    assert (await api.get(plan, headers=drawing)).json()["act_number"] == "Acuerdo 12"
    step = await api.post(f"{plan}/advance", json={"to": "implementing"}, headers=drawing)
    assert step.status_code == 404
    accepted = [event["derived_from"] for event in await published(ActionAccepted, "unhabitat")]
    assert line in accepted
    (rejected,) = [event for event in await published(ActionRejected, "chorrera") if event["plan_id"] in plan]
    assert rejected["reason"] == "The budget does not pay for this action: it was not selected."
    public = (await api.get(f"/published{plan}")).json()
    assert public["act_number"] == "Acuerdo 12"
    assert sorted(action["state"] for action in public["actions"]) == ["accepted", "accepted", "not_funded"]


async def test_a_returned_plan_has_open_costs_and_another_round_of_ballots(
    api,
    balloting,
    planner,
    issuer,
    caster,
    authority,
    published,
    advance,
    cost_and_judge,
    cast,
    ballot,
    vote,
    reconcile,
    finish,
    open_station,
    issue,
):
    plan, actions, _ = balloting
    old_station, old_cards = await vote(plan, actions)
    await reconcile(old_station)
    await advance(plan, planner, "ballots_reviewed")
    await finish(await api.post(f"{plan}/allocation", headers=planner), planner)
    await advance(plan, planner, "submitted_to_government")
    body = {"reason": "Falta el visto bueno de la junta comunal"}
    returned = await api.post(f"{plan}/return", json=body, headers=authority)
    assert (returned.json()["state"], returned.json()["reason"]) == ("returned", body["reason"])
    assert body["reason"] in [event["reason"] for event in await published(PlanReturned, "chorrera")]
    await advance(plan, planner, "co_creation", "feasibility")
    actions = await cost_and_judge(plan, planner, [50_000, 50_000, 40_000])
    await advance(plan, planner, "costs_published", "balloting")
    # The duties are separate within a round; in the next one they may change.
    station = await open_station(plan, caster)
    await issue(station, 10, caster)
    with_old_card = await cast(station, issuer, ballot(old_cards[0], "host", actions[0]))
    assert with_old_card.json()["errors"][0]["pointer"] == "/ballots/0/card"
    at_old_station = await cast(old_station, issuer, ballot(old_cards[0], "host", actions[0]))
    assert at_old_station.json()["type"].endswith(":station-closed")
    turnout = (await api.get(f"{plan}/turnout", headers=planner)).json()
    assert (turnout["round"], turnout["issued"], turnout["cast"], turnout["lines"]) == (2, 10, 0, [])
