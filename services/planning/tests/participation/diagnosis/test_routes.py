"""Tests of diagnoses over HTTP."""

from __future__ import annotations


async def test_a_diagnosis_publishes_averages_with_their_source(api, plan, planner, facilitator, advance):
    plan_id = plan.rsplit("/", 1)[1]
    assert (await api.get(f"/published/plans/{plan_id}")).status_code == 404
    early = await api.post(f"{plan}/diagnosis", json={"summary": "Falta agua."}, headers=planner)
    assert early.status_code == 409
    assert early.json()["type"] == "urn:solidary:problem:plan-in-another-state"
    assert early.json()["detail"] == (
        "A diagnosis can be published only in the state «diagnosis». This plan is in «draft»."
    )
    await advance(plan, facilitator, "diagnosis")
    unknown = {"summary": "Falta agua.", "indicators": ["water", "gold"]}
    answer = await api.post(f"{plan}/diagnosis", json=unknown, headers=facilitator)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/indicators/1"]
    await api.post(f"{plan}/diagnosis", json={"summary": "Falta agua."}, headers=facilitator)
    published = (await api.get(f"/published/plans/{plan_id}")).json()
    assert published["diagnosis"]["figures"] == [{"indicator": "water", "mean": 15.0}]
    assert published["diagnosis"]["sources"][0]["synthetic"] is True
    assert (published["state"], published["tiu"]) == ("diagnosis", "La Feria")
