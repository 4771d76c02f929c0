"""Fixtures of planning: the service, callers with their duties, and a small invented city to plan in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from planning.service import service as planning
from solidary.language.codes.people import Community
from solidary.language.events.market import PlanLineProposed
from solidary.platform.identity import Duty
from solidary.platform.service import Service
from solidary_testing.servers import settings_for


@pytest.fixture(scope="session")
def service() -> Service:
    """The service whose database and API the fixtures of `solidary_testing.services` make."""
    return planning


@pytest.fixture
def finish(run, service, service_database, database, api):
    """Run the jobs that wait, and return the work that an answer accepted."""

    async def finish(answer: httpx.Response, headers: dict[str, str]) -> dict[str, Any]:
        assert answer.status_code == 202, answer.text
        async with httpx.AsyncClient() as http:
            worker = service.bind_jobs(settings_for(run, service_database, service.name), database, http)
            async with worker.open_async():
                await worker.run_worker_async(install_signal_handlers=False, wait=False)
        return (await api.get(answer.headers["location"], headers=headers)).json()

    return finish


@pytest.fixture
def planner(tokens) -> dict[str, str]:
    return tokens.of("chorrera", Duty.PLANNER)


@pytest.fixture
def authority(tokens) -> dict[str, str]:
    return tokens.of("chorrera", Duty.AUTHORITY)


@pytest.fixture
def facilitator(tokens) -> dict[str, str]:
    """A facilitator and planner of the agency that works on the plan."""
    return tokens.of("unhabitat", Duty.FACILITATOR, Duty.PLANNER)


@pytest.fixture
def issuer(tokens) -> dict[str, str]:
    """A facilitator of the plan's owner who issues cards."""
    return tokens.of("chorrera", Duty.FACILITATOR, number=1)


@pytest.fixture
def caster(tokens) -> dict[str, str]:
    """Another facilitator of the plan's owner, who casts ballots."""
    return tokens.of("chorrera", Duty.FACILITATOR, number=2)


@pytest.fixture
def stranger(tokens) -> dict[str, str]:
    """A member of an agency that has nothing to do with the plan."""
    return tokens.of("iom", Duty.PLANNER, Duty.FACILITATOR, Duty.AUTHORITY, Duty.AUDITOR)


def square(west: float, south: float, side: float = 0.01) -> dict[str, Any]:
    """Return a square as a GeoJSON polygon."""
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(id_: str, geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """Return a GeoJSON feature."""
    return {"type": "Feature", "id": id_, "properties": properties, "geometry": geometry}


@pytest.fixture
def city() -> Callable[..., dict[str, Any]]:
    """A request to import ten cells in a row, one degree hundredth wide, with invented figures."""

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
"""An outline that covers the centres of the first four cells."""


@pytest.fixture
async def tiu(api, planner, city, finish) -> dict[str, Any]:
    """A Territorial Intervention Unit of four cells."""
    work = await finish(await api.post("/cities/import", json=city(), headers=planner), planner)
    assert work["failure"] is None, work
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


@pytest.fixture
def advance(api):
    """Take steps of a plan, and return the last answer."""

    async def advance(plan: str, headers: dict[str, str], *states: str, expect: int = 200) -> dict[str, Any]:
        for state in states:
            answer = await api.post(f"{plan}/advance", json={"to": state}, headers=headers)
            assert answer.status_code == expect, answer.text
        return answer.json()

    return advance


@pytest.fixture
def need() -> Callable[..., dict[str, Any]]:
    """A request to record a need of a community."""

    def need(community: str, **changes: Any) -> dict[str, Any]:
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

    return need


@pytest.fixture
def agree_needs(api, advance, need):
    """Bring a new plan to agreed needs, and return the ids of the needs."""

    async def agree_needs(plan: str, headers: dict[str, str]) -> list[str]:
        await advance(plan, headers, "diagnosis")
        answer = await api.post(f"{plan}/diagnosis", json={"summary": "Falta agua."}, headers=headers)
        assert answer.status_code == 200, answer.text
        for community in Community:
            answer = await api.post(f"{plan}/needs", json=need(community), headers=headers)
            assert answer.status_code == 201, answer.text
        await advance(plan, headers, "needs_agreed")
        return [each["id"] for each in answer.json()["needs"]]

    return agree_needs


@pytest.fixture
def plan_line() -> Callable[..., PlanLineProposed]:
    """A line that a market assessment proposes for a plan."""

    def plan_line(plan: str, **changes: Any) -> PlanLineProposed:
        fields = {
            "plan_line_id": uuid4(),
            "assessment_id": uuid4(),
            "plan_id": plan.rsplit("/", 1)[1],
            "municipality": uuid4(),
            "title": "Ventanilla de formalización",
            "sector": "G",
            "currency": "USD",
            "cost_minor": 40_000,
        }
        return PlanLineProposed(**fields | changes)

    return plan_line


@pytest.fixture
def cost_and_judge(api):
    """Enter the costs of a plan's actions, judge them feasible, and return their ids."""

    async def cost_and_judge(plan: str, headers: dict[str, str], costs: list[int]) -> list[str]:
        actions = (await api.get(f"{plan}/actions", headers=headers)).json()["actions"]
        for action, cost in zip(actions, costs, strict=True):
            await api.post(f"/actions/{action['id']}/cost", json={"cost_minor": cost}, headers=headers)
            await api.post(f"/actions/{action['id']}/verdict", json={"feasible": True}, headers=headers)
        return [action["id"] for action in actions]

    return cost_and_judge


@pytest.fixture
async def balloting(
    api, plan, facilitator, consume, tokens, advance, agree_needs, plan_line, cost_and_judge
) -> tuple[str, list[str], str]:
    """A plan whose ballots are open: its path, its actions, and the plan line of the third action.

    The actions cost USD 600, 600 and 400; the budget is 1,000.
    """
    needs = await agree_needs(plan, facilitator)
    await advance(plan, facilitator, "co_creation")
    for title in ("Aula de refuerzo", "Parque lineal"):
        body = {"title": title, "perspective": "social_inclusion", "needs": needs[:1]}
        assert (await api.post(f"{plan}/actions", json=body, headers=facilitator)).status_code == 201
    line = plan_line(plan)
    await consume(line, tokens.agency("unhabitat"))
    await advance(plan, facilitator, "feasibility")
    actions = await cost_and_judge(plan, facilitator, [60_000, 60_000, 40_000])
    await advance(plan, facilitator, "costs_published", "balloting")
    return plan, actions, str(line.plan_line_id)


@pytest.fixture
def ballot() -> Callable[..., dict[str, Any]]:
    """A ballot with a card."""

    def ballot(card: str, community: str, *approvals: str) -> dict[str, Any]:
        return {"card": card, "community": community, "channel": "paper", "approvals": approvals}

    return ballot


@pytest.fixture
def open_station(api):
    """Open a polling station of a plan, and return its path."""

    async def open_station(plan: str, headers: dict[str, str], name: str = "Casa comunal") -> str:
        answer = await api.post(f"{plan}/stations", json={"name": name}, headers=headers)
        assert answer.status_code == 201, answer.text
        location: str = answer.headers["location"]
        return location

    return open_station


@pytest.fixture
def issue(api, issuer):
    """Issue cards at a station, and return their codes."""

    async def issue(station: str, count: int, headers: dict[str, str] | None = None) -> list[str]:
        answer = await api.post(f"{station}/cards", json={"count": count}, headers=headers or issuer)
        assert answer.status_code == 201, answer.text
        codes: list[str] = answer.json()["codes"]
        return codes

    return issue


@pytest.fixture
def cast(api):
    """Cast ballots at a station, and return the answer."""

    async def cast(station: str, headers: dict[str, str], *ballots: dict[str, Any]) -> httpx.Response:
        return await api.post(f"{station}/ballots", json={"ballots": ballots}, headers=headers)

    return cast


@pytest.fixture
def reconcile(api, planner):
    """Reconcile a station with the numbers that are recorded."""

    async def reconcile(station: str) -> None:
        counts = (await api.get(station, headers=planner)).json()
        body = {key: counts[key] for key in ("spoiled", "cast", "unused")}
        answer = await api.post(f"{station}/reconciliation", json=body, headers=planner)
        assert answer.status_code == 200, answer.text

    return reconcile


@pytest.fixture
def vote(open_station, issue, issuer, caster, ballot, cast):
    """Cast six ballots of hosts for the first two actions, two of refugees and two of migrants for the third.

    Returns the station and the cards.
    """

    async def vote(plan: str, actions: list[str]) -> tuple[str, list[str]]:
        station = await open_station(plan, issuer)
        cards = await issue(station, 10)
        ballots = [ballot(card, "host", *actions[:2]) for card in cards[:6]]
        ballots += [ballot(card, "refugee", actions[2]) for card in cards[6:8]]
        ballots += [ballot(card, "migrant", actions[2]) for card in cards[8:]]
        answer = await cast(station, caster, *ballots)
        assert answer.status_code == 201, answer.text
        return station, cards

    return vote


@pytest.fixture
def review(vote, reconcile, advance, planner):
    """Vote, reconcile the station and count the ballots."""

    async def review(plan: str, actions: list[str]) -> None:
        station, _ = await vote(plan, actions)
        await reconcile(station)
        await advance(plan, planner, "ballots_reviewed")

    return review


@pytest.fixture
async def allocated(api, balloting, planner, finish, review) -> tuple[str, list[str], str]:
    """A plan whose budget is allocated: its path, its actions, and the plan line of the third action."""
    plan, actions, line = balloting
    await review(plan, actions)
    await finish(await api.post(f"{plan}/allocation", headers=planner), planner)
    return plan, actions, line
