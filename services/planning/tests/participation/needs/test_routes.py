"""Tests of needs over HTTP."""

from __future__ import annotations

from planning.participation.needs import commands


async def test_needs_are_agreed_only_with_evidence_from_all_communities(
    api, plan, facilitator, advance, need
):
    await advance(plan, facilitator, "diagnosis")
    await api.post(f"{plan}/diagnosis", json={"summary": "Falta agua."}, headers=facilitator)
    for community in ("refugee", "migrant"):
        await api.post(f"{plan}/needs", json=need(community), headers=facilitator)
    problem = await advance(plan, facilitator, "needs_agreed", expect=409)
    assert problem["type"] == "urn:solidary:problem:step-requirement-missing"
    assert problem["detail"] == (
        "These communities have no need with evidence yet: host. Record a need of each community."
    )
    await api.post(f"{plan}/needs", json=need("host", severity=5), headers=facilitator)
    assert (await advance(plan, facilitator, "needs_agreed"))["state"] == "needs_agreed"
    listed = (await api.get(f"{plan}/needs", headers=facilitator)).json()["needs"]
    assert [each["community"] for each in listed] == ["host", "refugee", "migrant"]
    assert listed[0]["evidence"]["participants"] == 24
    late = await api.post(f"{plan}/needs", json=need("host"), headers=facilitator)
    assert late.status_code == 409


async def test_a_plan_has_a_greatest_number_of_needs(api, plan, facilitator, need, monkeypatch):
    monkeypatch.setattr(commands, "MAX_NEEDS", 1)
    assert (await api.post(f"{plan}/needs", json=need("host"), headers=facilitator)).status_code == 201
    refused = await api.post(f"{plan}/needs", json=need("host"), headers=facilitator)
    assert (refused.status_code, refused.json()["detail"].split(".")[0]) == (409, "A plan has at most 1 need")


async def test_evidence_of_a_day_to_come_is_refused(api, plan, facilitator, need):
    body = need("host")
    body["evidence"] |= {"on": "2999-01-01"}
    refused = await api.post(f"{plan}/needs", json=body, headers=facilitator)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/evidence/on"
