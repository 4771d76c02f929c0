"""An assessment over HTTP, from its design by an agency to the decision on its plan line."""

from __future__ import annotations

from uuid import uuid4

import pytest
from market.study.findings import commands
from solidary.language.events.market import BarrierIdentified, PlanLineProposed
from solidary.language.events.planning import ActionAccepted, ActionRejected
from solidary.platform.identity import Duty

SECTOR = {
    "code": "G",
    "employment_before": 900,
    "employment_after": 990,
    "self_employed_after": 400,
    "vacancies": 60,
}
BARRIER = {
    "sector": "G",
    "kind": "document",
    "scope": "structural",
    "severity": 0.8,
    "share_affected": 0.5,
    "removability": 0.5,
}
LINE = {"title": "Ventanilla de formalización", "sector": "G", "currency": "USD", "cost_minor": 1_500_000}


@pytest.fixture
async def assessment(api, analyst, tokens):
    """The path of a new assessment."""
    body = {
        "title": "Comercio en La Chorrera",
        "area": "PA1303",
        "municipality": str(tokens.agency("chorrera")),
    }
    answer = await api.post("/assessments", json=body, headers=analyst)
    assert answer.status_code == 201
    return answer.headers["location"]


async def advance(api, assessment, headers, *states):
    for state in states:
        answer = await api.post(f"{assessment}/advance", json={"to": state}, headers=headers)
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def fielded(api, assessment, analyst, municipality):
    """The path of an assessment in the state `fielding`."""
    assert (await api.post(f"{assessment}/agree", headers=municipality)).status_code == 200
    await advance(api, assessment, analyst, "fielding")
    return assessment


async def test_municipality_agrees_by_its_own_request_only(api, assessment, analyst, municipality):
    refused = await api.post(f"{assessment}/agree", headers=analyst)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:solidary:problem:actor-not-allowed")
    for headers in (analyst, municipality):
        step = {"to": "agreed_with_municipality"}
        refused = await api.post(f"{assessment}/advance", json=step, headers=headers)
        assert refused.status_code == 409
        assert "agrees with the request «agree»" in refused.json()["detail"]
    assert (await api.get(assessment, headers=analyst)).json()["state"] == "designed"
    agreed = await api.post(f"{assessment}/agree", headers=municipality)
    assert agreed.json()["state"] == "agreed_with_municipality"
    assert (await api.post(f"{assessment}/sectors", json=SECTOR, headers=municipality)).status_code == 409


async def test_agency_and_municipality_record_findings(api, fielded, analyst, municipality, published):
    found = await api.post(f"{fielded}/sectors", json=SECTOR, headers=municipality)
    assert found.json()["sectors"][0]["growth"] == pytest.approx(0.1)
    again = await api.post(f"{fielded}/sectors", json=SECTOR, headers=analyst)
    assert (again.status_code, again.json()["type"]) == (409, "urn:solidary:problem:sector-already-recorded")
    await api.post(f"{fielded}/barriers", json=BARRIER, headers=analyst)
    found = await api.post(f"{fielded}/barriers", json=BARRIER | {"severity": 1}, headers=analyst)
    barriers = found.json()["barriers"]
    assert [barrier["priority"] for barrier in barriers] == [0.25, 0.2]
    assert (await api.get(found.headers["location"], headers=municipality)).json() == found.json()
    events = await published(BarrierIdentified, "unhabitat")
    assert {barrier["id"] for barrier in barriers} <= {event["barrier_id"] for event in events}


async def test_assessment_has_a_greatest_number_of_barriers(api, fielded, analyst, monkeypatch):
    monkeypatch.setattr(commands, "MAX_BARRIERS", 1)
    answers = [await api.post(f"{fielded}/barriers", json=BARRIER, headers=analyst) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]


async def test_plan_line_follows_the_decisions_of_planning(
    api, fielded, analyst, municipality, consume, published, tokens
):
    await api.post(f"{fielded}/sectors", json=SECTOR, headers=analyst)
    proposal = LINE | {"plan_id": str(uuid4())}
    assert (await api.post(f"{fielded}/plan-lines", json=proposal, headers=analyst)).status_code == 409
    await advance(api, fielded, analyst, "cleaned", "scored", "validated_in_workshop")
    other = proposal | {"sector": "F"}
    assert (await api.post(f"{fielded}/plan-lines", json=other, headers=analyst)).status_code == 409
    keyed = analyst | {"Idempotency-Key": str(uuid4())}
    line = await api.post(f"{fielded}/plan-lines", json=proposal, headers=keyed)
    assert line.json()["state"] == "proposed"
    assert (await api.get(line.headers["location"], headers=municipality)).status_code == 200
    line_id = line.json()["id"]
    assert line_id in {event["plan_line_id"] for event in await published(PlanLineProposed, "unhabitat")}

    plan, planning = uuid4(), tokens.agency("chorrera")
    await consume(ActionAccepted(action_id=uuid4(), plan_id=plan, derived_from=line_id), planning)
    assert (await api.get(line.headers["location"], headers=analyst)).json()["state"] == "accepted"
    rejection = ActionRejected(action_id=uuid4(), plan_id=plan, derived_from=line_id, reason="not feasible")
    await consume(rejection, planning)
    rejected = (await api.get(line.headers["location"], headers=analyst)).json()
    assert (rejected["state"], rejected["reason"]) == ("rejected", "not feasible")
    await consume(ActionAccepted(action_id=uuid4(), plan_id=plan, derived_from=uuid4()), planning)
    lines = (await api.get(f"{fielded}/plan-lines", headers=municipality)).json()["items"]
    assert [item["id"] for item in lines] == [line_id]


async def test_assessment_of_another_agency_does_not_exist(api, assessment, tokens):
    stranger = tokens.of("iom", Duty.MARKET_ANALYST, Duty.AUTHORITY)
    assert (await api.get(assessment, headers=stranger)).status_code == 404
    assert (await api.get(f"{assessment}/findings", headers=stranger)).status_code == 404
    assert (await api.post(f"{assessment}/agree", headers=stranger)).status_code == 404
    assert (await api.get("/assessments", headers=stranger)).json()["items"] == []


async def test_municipality_lists_the_assessments_that_it_leads(api, assessment, municipality):
    items = (await api.get("/assessments", headers=municipality)).json()["items"]
    assert assessment.rsplit("/", 1)[1] in {item["id"] for item in items}


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/sectors", SECTOR | {"code": "Z"}, "/code"),
        ("/sectors", SECTOR | {"employment_after": -1}, "/employment_after"),
        ("/barriers", BARRIER | {"severity": 1.5}, "/severity"),
        ("/barriers", BARRIER | {"kind": "weather"}, "/kind"),
        ("/plan-lines", LINE | {"plan_id": "x"}, "/plan_id"),
        ("/advance", {"to": "somewhere"}, "/to"),
    ],
)
async def test_invalid_field_is_named(api, assessment, analyst, path, body, pointer):
    answer = await api.post(assessment + path, json=body, headers=analyst)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
