"""An assessment over HTTP, led by an agency together with a municipality."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
from market.service import service
from solidary.language.events import Envelope, Event, encode
from solidary.language.events.planning import ActionAccepted, ActionRejected
from solidary.platform.database import Database
from solidary.platform.identity import Duty
from solidary.platform.messaging.consumer import Consumer
from solidary.platform.messaging.record import Record
from solidary_testing.servers import (
    TestDatabase,
    api_client,
    kafka_as_admin,
    settings_for,
    throwaway_database,
)


@pytest.fixture(scope="module")
def place(run) -> Iterator[TestDatabase]:
    with throwaway_database(run, "market", service.folder / "migrations") as database:
        yield database


@pytest.fixture
async def api(run, place) -> AsyncIterator[httpx.AsyncClient]:
    async with api_client(service.application(settings_for(run, place, "market"))) as client:
        yield client


@pytest.fixture
def analyst(tokens):
    return tokens.of("unhabitat", Duty.MARKET_ANALYST)


@pytest.fixture
def municipality(tokens):
    return tokens.of("chorrera", Duty.MARKET_ANALYST)


SECTOR = {
    "ciiu": "G",
    "employment_before": 900,
    "employment_after": 990,
    "self_employed_after": 400,
    "vacancies": 60,
}
BARRIER = {
    "ciiu": "G",
    "kind": "document",
    "scope": "structural",
    "severity": 0.8,
    "share_affected": 0.5,
    "removability": 0.5,
}
LINE = {"title": "Ventanilla de formalización", "ciiu": "G", "currency": "USD", "cost_minor": 1_500_000}


@pytest.fixture
async def assessment(api, analyst, tokens):
    body = {"title": "Comercio en La Chorrera", "area": "PA1303", "co_lead": str(tokens.agency("chorrera"))}
    answer = await api.post("/assessments", json=body, headers=analyst)
    assert answer.status_code == 201
    return answer.headers["location"]


async def go(api, place, headers, *steps):
    for step in steps:
        answer = await api.post(f"{place}/advance", json={"to": step}, headers=headers)
        assert answer.status_code == 200, answer.text


async def test_the_municipality_agrees_and_the_findings_lead_to_a_plan_line(
    api, assessment, analyst, municipality, database, run, tokens
):
    assert (await api.post(f"{assessment}/agree", headers=analyst)).status_code == 409
    for anybody in (analyst, municipality):
        step = {"to": "agreed_with_municipality"}
        refused = await api.post(f"{assessment}/advance", json=step, headers=anybody)
        assert refused.status_code == 409
        assert "when the municipality agrees" in refused.json()["detail"]
    assert (await api.get(assessment, headers=analyst)).json()["state"] == "designed"
    agreed = await api.post(f"{assessment}/agree", headers=municipality)
    assert agreed.json()["state"] == "agreed_with_municipality"
    assert (await api.post(f"{assessment}/sectors", json=SECTOR, headers=municipality)).status_code == 409
    await go(api, assessment, analyst, "fielding")
    found = await api.post(f"{assessment}/sectors", json=SECTOR, headers=municipality)
    assert found.json()["sectors"][0]["growth"] == pytest.approx(0.1)
    assert (await api.post(f"{assessment}/sectors", json=SECTOR, headers=analyst)).json()["detail"] == (
        "this sector is recorded in this assessment already"
    )
    await api.post(f"{assessment}/barriers", json=BARRIER, headers=analyst)
    found = await api.post(f"{assessment}/barriers", json=BARRIER | {"severity": 1}, headers=analyst)
    assert [barrier["priority"] for barrier in found.json()["barriers"]] == [0.25, 0.2]
    assert (
        await api.post(f"{assessment}/plan-lines", json=LINE | {"plan_id": str(uuid4())}, headers=analyst)
    ).status_code == 409
    await go(api, assessment, analyst, "cleaned", "scored", "validated_in_workshop")
    line = await api.post(
        f"{assessment}/plan-lines",
        json=LINE | {"plan_id": str(uuid4())},
        headers=analyst | {"Idempotency-Key": str(uuid4())},
    )
    assert line.json()["state"] == "proposed"
    assert (await api.get(line.headers["location"], headers=municipality)).status_code == 200

    answers = Answers(database, run, tokens.agency("chorrera"))
    plan, line_id = uuid4(), line.json()["id"]
    await answers.hear(ActionAccepted(action_id=uuid4(), plan_id=plan, derived_from=line_id))
    assert (await api.get(line.headers["location"], headers=analyst)).json()["state"] == "accepted"
    await answers.hear(
        ActionRejected(action_id=uuid4(), plan_id=plan, derived_from=line_id, reason="not feasible")
    )
    shown = (await api.get(line.headers["location"], headers=analyst)).json()
    assert (shown["state"], shown["reason"]) == ("rejected", "not feasible")
    await answers.hear(ActionAccepted(action_id=uuid4(), plan_id=plan, derived_from=uuid4()))


@pytest.fixture
async def database(place):
    opened = Database(place.roles["app"], service="market", country="pa")
    yield opened
    await opened.close()


class Answers:
    """What planning says, as records that the consumer takes."""

    def __init__(self, database, run, agency):
        (reactions,) = service.subscribers
        self.consumer = Consumer(
            reactions, database, kafka_as_admin(run), principal=service.principal, topics=[]
        )
        self.agency = agency

    async def hear(self, event: Event) -> None:
        envelope = Envelope(
            uuid4(), event.type, "/pa/planning", event.key, datetime.now(UTC), self.agency, (), 1, None, event
        )
        key, headers, value = encode(envelope)
        await self.consumer.take([Record(key.decode(), str(envelope.id), tuple(headers), value)])


async def test_another_agency_finds_nothing(api, assessment, tokens):
    stranger = tokens.of("iom", Duty.MARKET_ANALYST, Duty.AUTHORITY)
    assert (await api.get(assessment, headers=stranger)).status_code == 404
    assert (await api.get(f"{assessment}/findings", headers=stranger)).status_code == 404
    assert (await api.post(f"{assessment}/agree", headers=stranger)).status_code == 404
    assert (await api.get("/assessments", headers=stranger)).json()["items"] == []


async def test_the_municipality_lists_what_it_leads_along(api, assessment, municipality):
    items = (await api.get("/assessments", headers=municipality)).json()["items"]
    assert assessment.rsplit("/", 1)[1] in {item["id"] for item in items}


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/sectors", SECTOR | {"ciiu": "Z"}, "/ciiu"),
        ("/sectors", SECTOR | {"employment_after": -1}, "/employment_after"),
        ("/barriers", BARRIER | {"severity": 1.5}, "/severity"),
        ("/barriers", BARRIER | {"kind": "weather"}, "/kind"),
        ("/plan-lines", LINE | {"plan_id": "x"}, "/plan_id"),
        ("/advance", {"to": "somewhere"}, "/to"),
    ],
)
async def test_a_bad_field_is_named(api, assessment, analyst, path, body, pointer):
    answer = await api.post(assessment + path, json=body, headers=analyst)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
