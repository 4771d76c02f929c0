"""Tests of allocations over HTTP."""

from __future__ import annotations

from solidary.platform.identity import Duty


async def test_equal_shares_is_exact_and_its_account_adds_up(api, balloting, planner, finish, review):
    plan, actions, _ = balloting
    early = await api.post(f"{plan}/allocation", headers=planner)
    assert early.status_code == 409
    await review(plan, actions)
    accepted = await api.post(f"{plan}/allocation", headers=planner)
    assert (await api.get(f"{plan}/allocation", headers=planner)).status_code == 404
    work = await finish(accepted, planner)
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


async def test_a_plan_requested_twice_is_allocated_once(api, balloting, facilitator, planner, finish, review):
    plan, actions, _ = balloting
    await review(plan, actions)
    requests = [await api.post(f"{plan}/allocation", headers=headers) for headers in (planner, facilitator)]
    first = await finish(requests[0], planner)
    second = await finish(requests[1], facilitator)
    assert (first["state"], second["state"], second["failure"]["status"]) == ("done", "failed", 409)
    assert len((await api.get(f"{plan}/allocations", headers=planner)).json()) == 1
    assert (await api.get(requests[1].headers["location"], headers=planner)).status_code == 404


async def test_an_override_needs_a_reason_and_is_signed(api, allocated, planner, authority, advance):
    plan, actions, _ = allocated
    reason = "La obra de agua ya tiene permiso y no puede esperar"
    body = {"selected": actions[:1], "reason": reason}
    assert (await api.post(f"{plan}/override", json=body, headers=planner)).status_code == 403
    without_reason = await api.post(f"{plan}/override", json=body | {"reason": ""}, headers=authority)
    assert without_reason.json()["errors"][0]["pointer"] == "/reason"
    expensive = await api.post(f"{plan}/override", json=body | {"selected": actions[:2]}, headers=authority)
    assert expensive.json()["errors"][0] == {
        "pointer": "/selected",
        "detail": "The selection costs 20000 minor units more than the budget.",
    }
    answer = await api.post(f"{plan}/override", json=body, headers=authority)
    assert answer.status_code == 200, answer.text
    override = answer.json()
    assert (override["rule"], override["reason"], override["selected"]) == (
        "greedy-custom",
        reason,
        actions[:1],
    )
    assert override["signer"]
    history = (await api.get(f"{plan}/allocations", headers=planner)).json()
    assert [each["rule"] for each in history] == ["greedy-custom", "equalshares/add1"]
    await advance(plan, planner, "submitted_to_government")
    act = await api.post(f"{plan}/validate", json={"act_number": "Acuerdo 13"}, headers=authority)
    assert [line["action_id"] for line in act.json()["budget_lines"]] == actions[:1]


async def test_another_agency_cannot_override(api, allocated, tokens):
    plan, actions, _ = allocated
    body = {"selected": actions[:1], "reason": "Otra agencia no puede decidir"}
    answer = await api.post(f"{plan}/override", json=body, headers=tokens.of("unhabitat", Duty.AUTHORITY))
    assert answer.status_code == 409
    assert "Only the owning government" in answer.json()["detail"]
