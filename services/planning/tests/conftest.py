"""A planning service on the real servers, and a small invented city to plan in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from planning.service import service
from solidary.language.events import Envelope, Event, encode
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
    with throwaway_database(run, "planning", service.folder / "migrations") as database:
        yield database


@pytest.fixture
async def api(run, place) -> AsyncIterator[httpx.AsyncClient]:
    async with api_client(service.application(settings_for(run, place, "planning"))) as client:
        yield client


@pytest.fixture
async def database(place) -> AsyncIterator[Database]:
    opened = Database(place.roles["app"], service="planning", country="pa")
    yield opened
    await opened.close()


@pytest.fixture
def done(run, place, database, api):
    """Does the work that was asked for; returns it as its asker finds it then."""

    async def done(asked: httpx.Response, headers: dict[str, str]) -> dict[str, Any]:
        assert asked.status_code == 202, asked.text
        async with httpx.AsyncClient() as http:
            worker = service.bind_jobs(settings_for(run, place, "planning"), database, http)
            async with worker.open_async():
                await worker.run_worker_async(install_signal_handlers=False, wait=False)
        return (await api.get(asked.headers["location"], headers=headers)).json()

    return done


@pytest.fixture
def hear(database, run):
    """Lets the service hear an event, as its worker would from Kafka."""

    async def hear(
        event: Event, agency: UUID, subscriber: str = "reactions", parties: Sequence[UUID] = ()
    ) -> None:
        (hearer,) = (each for each in service.subscribers if each.name == subscriber)
        consumer = Consumer(hearer, database, kafka_as_admin(run), principal=service.principal, topics=[])
        envelope = Envelope(
            uuid4(),
            event.type,
            f"/pa/{event.service}",
            event.key,
            datetime.now(UTC),
            agency,
            tuple(parties),
            1,
            None,
            event,
        )
        key, headers, value = encode(envelope)
        await consumer.take([Record(key.decode(), str(envelope.id), tuple(headers), value)])

    return hear


@pytest.fixture
def told(api, tokens):
    """What the service told that concerns an agency: the events of one type, as their fields."""

    async def told(type_: type[Event], agency: str = "chorrera") -> list[dict[str, Any]]:
        headers = tokens.of(agency, Duty.INTEGRATOR)
        feed = await api.get("/events", params={"limit": 1000}, headers=headers)
        return [event["data"] for event in feed.json()["items"] if event["type"] == type_.type]

    return told


@pytest.fixture
def planner(tokens) -> dict[str, str]:
    return tokens.of("chorrera", Duty.PLANNER)


@pytest.fixture
def authority(tokens) -> dict[str, str]:
    return tokens.of("chorrera", Duty.AUTHORITY)


@pytest.fixture
def facilitator(tokens) -> dict[str, str]:
    return tokens.of("unhabitat", Duty.FACILITATOR, Duty.PLANNER)


@pytest.fixture
def stranger(tokens) -> dict[str, str]:
    return tokens.of("iom", Duty.PLANNER, Duty.FACILITATOR, Duty.AUTHORITY, Duty.AUDITOR)


def square(west: float, south: float, side: float = 0.01) -> dict[str, Any]:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(id_: str, geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "id": id_, "properties": properties, "geometry": geometry}


@pytest.fixture
def city() -> Callable[..., dict[str, Any]]:
    """An import of ten cells in a row, one degree hundredth wide; figures invented."""

    def city(code: str = "invented", area: str = "PA990101") -> dict[str, Any]:
        cells = [
            feature(f"c{n}", square(-79.9 + n / 100, 8.8), area=area, indicators={"water": n * 10.0})
            for n in range(10)
        ]
        return {
            "code": code,
            "name": "Ciudad inventada",
            "pcode": "PA9901",
            "dataset": {
                "title": "Cifras inventadas",
                "publisher": "Solidary",
                "licence": "Apache-2.0",
                "period": "2026",
                "synthetic": True,
            },
            "areas": {"features": [{"properties": {"pcode": area, "name": "Barrio"}, "geometry": None}]},
            "cells": {"type": "FeatureCollection", "features": cells},
        }

    return city


OUTLINE = square(-79.9, 8.79, 0.04)
"""Covers the centres of the first four cells."""


@pytest.fixture
async def tiu(api, planner, city, done) -> dict[str, Any]:
    imported = await done(await api.post("/cities/import", json=city(), headers=planner), planner)
    assert imported["failure"] is None, imported
    body = {
        "city": "invented",
        "area": "PA990101",
        "label": "La Feria",
        "outline": OUTLINE,
        "population": {"by_community": {"refugee": 100, "migrant": 300, "host": 600}, "source": "invented"},
    }
    drawn = await api.post("/tius", json=body, headers=planner)
    assert drawn.status_code == 201, drawn.text
    return drawn.json()


@pytest.fixture
async def plan(api, planner, tiu, tokens) -> str:
    """The path of a new plan with a budget of USD 1,000, on which UN-Habitat works too."""
    body = {
        "title": "Plan de inclusión",
        "tiu_id": tiu["id"],
        "currency": "USD",
        "budget_minor": 100_000,
    }
    opened = await api.post("/plans", json=body, headers=planner)
    assert opened.status_code == 201, opened.text
    path: str = opened.headers["location"]
    partner = await api.post(
        f"{path}/partners", json={"agency": str(tokens.agency("unhabitat"))}, headers=planner
    )
    assert partner.status_code == 200, partner.text
    return path
