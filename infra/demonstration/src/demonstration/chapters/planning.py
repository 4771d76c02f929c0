"""Chapter 3: a city, a neighbourhood in it, and a plan that its communities vote on and its government validates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from demonstration.people import HOME
from demonstration.story import Person, Story

LABEL = "La Feria"
BUDGET_MINOR = 11_000_000
CASH = "Apoyo monetario para alquiler y útiles escolares"
PARK = "Parque lineal con alumbrado"
OWN_ACTIONS = {
    CASH: ("social_inclusion", 3_000_000),
    PARK: ("housing_habitat", 5_000_000),
}
"""Perspective and cost in minor units: USD 30,000 and 50,000."""

NEEDS = (
    ("refugee", "social_inclusion", "Las familias recién llegadas no pueden pagar alquiler ni útiles"),
    ("migrant", "socioeconomic_cultural", "Sin papeles no se puede abrir un pequeño comercio"),
    ("host", "housing_habitat", "No hay un espacio público seguro e iluminado"),
)
VOTERS = {"host": 16, "migrant": 8, "refugee": 6}


@dataclass(frozen=True)
class OpenPlan:
    plan_id: UUID
    tiu_id: UUID


@dataclass(frozen=True)
class BudgetLine:
    budget_line_id: UUID
    action_id: UUID
    currency: str
    amount_minor: int
    may_draw: tuple[UUID, ...]


@dataclass(frozen=True)
class Validated:
    plan_id: UUID
    budget_lines: tuple[BudgetLine, ...]

    def for_agency(self, agency: UUID) -> BudgetLine:
        """The line that an agency's programmes may draw on."""
        return next(line for line in self.budget_lines if agency in line.may_draw)


async def open_plan(story: Story) -> OpenPlan:
    """The city, the unit of intervention, the plan with its partner, the diagnosis, and demand as it arrives."""
    planner = await story.person("chorrera.planner")
    facilitator = await story.person("unhabitat.planner")
    city = await _bring_in_the_city(story, planner)
    tiu = await _draw(story, planner, city)
    body = {
        "title": f"Plan de inclusión de {LABEL}",
        "tiu_id": tiu["id"],
        "currency": "USD",
        "budget_minor": BUDGET_MINOR,
    }
    plan = await planner.post("planning", "/plans", body)
    where = f"/plans/{plan['id']}"
    await planner.post("planning", f"{where}/partners", {"agency": str(story.agencies["unhabitat"])})
    story.tell(planner, f"opens a plan with USD {BUDGET_MINOR / 100:,.0f}; UN-Habitat may work on it")
    await _diagnose(story, facilitator, where)
    await _see_demand(story, planner, where)
    await _agree_needs(story, facilitator, where)
    return OpenPlan(UUID(plan["id"]), UUID(tiu["id"]))


async def vote_and_validate(story: Story, opened: OpenPlan, plan_line_id: UUID) -> Validated:
    """Actions, the market's among them; ballots; Equal Shares; the government's act."""
    planner = await story.person("chorrera.planner")
    where = f"/plans/{opened.plan_id}"
    actions = await _cost(story, planner, where, plan_line_id)
    await _vote(story, where, actions)
    await _allocate(story, planner, where, actions)
    return await _validate(story, planner, where, actions)


async def _bring_in_the_city(story: Story, planner: Person) -> dict[str, Any]:
    city = story.city
    known: dict[str, Any] = await planner.work("planning", "/cities/import", city)
    figures = "invented figures" if known["datasets"][-1]["synthetic"] else "published figures"
    story.tell(
        planner,
        f"brings in {known['name']}: {len(known['areas'])} corregimientos, {known['cells']} cells ({figures})",
    )
    broken = city | {"cells": {"features": [city["cells"]["features"][0] | {"geometry": {"type": "Point"}}]}}
    refused = await planner.outcome("planning", "/cities/import", broken)
    story.check(
        refused["failure"]["errors"][0]["pointer"] == "/cells/features/0/geometry/type",
        "a wrong feature is named by its place",
    )
    return known


async def _draw(story: Story, planner: Person, city: dict[str, Any]) -> dict[str, Any]:
    """The western half of the corregimiento."""
    found = await planner.get("planning", f"/cities/{city['code']}/cells?area={HOME}")
    points = [point for cell in found["features"] for point in _corners(cell["geometry"]["coordinates"])]
    west, south = min(x for x, _ in points), min(y for _, y in points)
    east, north = (west + max(x for x, _ in points)) / 2, max(y for _, y in points)
    body = {
        "city": city["code"],
        "area": HOME,
        "label": LABEL,
        "outline": {
            "type": "Polygon",
            "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
        },
        "population": {
            "by_community": {"refugee": 420, "migrant": 1_150, "host": 5_300},
            "source": "invented for the demonstration",
        },
    }
    tiu: dict[str, Any] = await planner.post("planning", "/tius", body)
    story.check(0 < len(tiu["cells"]) < len(found["features"]), "the unit is a part of its corregimiento")
    story.tell(planner, f"draws the Territorial Intervention Unit {LABEL}: {len(tiu['cells'])} cells")
    return tiu


def _corners(coordinates: Any) -> list[tuple[float, float]]:
    """All points of a Polygon or MultiPolygon."""
    if isinstance(coordinates[0], int | float):
        return [(coordinates[0], coordinates[1])]
    return [point for part in coordinates for point in _corners(part)]


async def _diagnose(story: Story, facilitator: Person, where: str) -> None:
    await facilitator.post("planning", f"{where}/advance", {"to": "diagnosis"})
    summary = "Servicios desiguales y empleo informal; faltan espacios públicos y apoyo a quienes llegan."
    plan = await facilitator.post("planning", f"{where}/diagnosis", {"summary": summary})
    figures = len(plan["diagnosis"]["figures"])
    story.tell(facilitator, f"publishes the diagnosis: {figures} indicators, each with its source")


async def _see_demand(story: Story, planner: Person, where: str) -> None:
    async def counted() -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = (await planner.get("planning", f"{where}/demand"))["lines"]
        return lines

    lines = await story.until("demand as intake counts it", counted)
    story.check(all(line["people"] >= 10 for line in lines), "no count speaks of fewer than ten people")
    most = max(lines, key=lambda line: int(line["people"]))
    story.tell(
        planner,
        f"sees demand from intake: {len(lines)} counts, the most {most['people']} ({most['category']})",
    )


async def _agree_needs(story: Story, facilitator: Person, where: str) -> None:
    for community, perspective, statement in NEEDS:
        if community == "host":
            await facilitator.post("planning", f"{where}/advance", {"to": "needs_agreed"}, expect=409)
        need = {
            "perspective": perspective,
            "community": community,
            "statement": statement,
            "severity": 4,
            "evidence": {
                "kind": "workshop",
                "on": "2026-10-17",
                "note": "Taller en la casa comunal",
                "participants": 22,
            },
        }
        await facilitator.post("planning", f"{where}/needs", need)
    await facilitator.post("planning", f"{where}/advance", {"to": "needs_agreed"})
    story.tell(facilitator, "agrees the needs: possible only with evidence from all three communities")


async def _cost(story: Story, planner: Person, where: str, plan_line_id: UUID) -> dict[str, str]:
    """Three actions, costed and judged; title → id. The market's is the one under its line's own id."""
    needs = (await planner.get("planning", f"{where}/needs"))["needs"]
    await planner.post("planning", f"{where}/advance", {"to": "co_creation"})
    for title, (perspective, cost) in OWN_ACTIONS.items():
        body = {
            "title": title,
            "perspective": perspective,
            "needs": [need["id"] for need in needs if need["perspective"] == perspective],
            "cost_minor": cost,
        }
        await planner.post("planning", f"{where}/actions", body)

    async def with_the_markets() -> dict[str, str]:
        listed = (await planner.get("planning", f"{where}/actions"))["actions"]
        actions = {action["derived_from"] or action["title"]: action["id"] for action in listed}
        return actions if str(plan_line_id) in actions else {}

    actions = await story.until("the market's line as an action of the plan", with_the_markets)
    story.tell(planner, f"sees {len(actions)} actions; one came from the market assessment")
    await planner.post("planning", f"{where}/advance", {"to": "feasibility"})
    for action in actions.values():
        await planner.post("planning", f"/actions/{action}/verdict", {"feasible": True})
    await planner.post("planning", f"{where}/advance", {"to": "costs_published"})
    await planner.post("planning", f"/actions/{actions[PARK]}/cost", {"cost_minor": 1}, expect=409)
    story.tell(planner, "publishes the costs; from here on they cannot be changed")
    return actions


async def _vote(story: Story, where: str, actions: dict[str, str]) -> None:
    """Everybody wants the market's action; hosts want the park, the others the cash support."""
    planner = await story.person("chorrera.planner")
    facilitator = await story.person("chorrera.facilitator")
    (markets,) = (id_ for key, id_ in actions.items() if key not in OWN_ACTIONS)
    await planner.post("planning", f"{where}/advance", {"to": "balloting"})
    issued = await facilitator.post("planning", f"{where}/cards", {"count": sum(VOTERS.values())})
    cards = iter(issued["cards"])
    ballots = [
        {
            "card": next(cards),
            "community": community,
            "channel": "assisted" if n % 3 else "paper",
            "approvals": [markets, actions[PARK] if community == "host" else actions[CASH]],
        }
        for community, voters in VOTERS.items()
        for n in range(voters)
    ]
    turnout = await facilitator.post("planning", f"{where}/ballots", {"ballots": ballots})
    again = {"ballots": ballots[:1]}
    await facilitator.post("planning", f"{where}/ballots", again, expect=422)
    said = ", ".join(f"{voters} {community}" for community, voters in VOTERS.items())
    story.tell(facilitator, f"takes in {turnout['ballots']} ballots ({said}); a card that voted is refused")


async def _allocate(story: Story, planner: Person, where: str, actions: dict[str, str]) -> None:
    await planner.post("planning", f"{where}/advance", {"to": "ballots_reviewed"})
    allocation = await planner.work("planning", f"{where}/allocation")
    story.check(actions[CASH] in allocation["selected"], "the minority's action is within its share")
    story.check(actions[PARK] not in allocation["selected"], "the majority does not take it all")
    paid = sum(line["paid_minor"] for line in allocation["account"]["paid"])
    story.check(
        paid == allocation["cost_minor"] <= BUDGET_MINOR, "what the voters paid is what it costs, to the cent"
    )
    shares = ", ".join(
        f"{line['community']} {line['share_of_voters']:.0%} of voters paid {line['share_paid']:.0%}"
        for line in allocation["account"]["communities"]
    )
    story.tell(
        planner,
        f"allocates by Equal Shares: {len(allocation['selected'])} of {len(actions)} actions, "
        f"USD {allocation['cost_minor'] / 100:,.2f} ({shares})",
    )


async def _validate(story: Story, planner: Person, where: str, actions: dict[str, str]) -> Validated:
    authority = await story.person("chorrera.authority")
    await planner.post("planning", f"{where}/advance", {"to": "submitted_to_government"})
    body = {
        "act_number": "Acuerdo Municipal 27 de 2026",
        "may_draw": [{"action_id": actions[CASH], "agencies": [str(story.agencies["iom"])]}],
    }
    await planner.post("planning", f"{where}/validate", body, expect=403)
    act = await authority.post("planning", f"{where}/validate", body)
    lines = tuple(
        BudgetLine(
            UUID(line["id"]),
            UUID(line["action_id"]),
            line["currency"],
            line["amount_minor"],
            tuple(map(UUID, line["may_draw"])),
        )
        for line in act["budget_lines"]
    )
    story.tell(authority, f"validates the plan by {act['act_number']}: {len(lines)} budget lines")
    sheet = await planner.get("planning", f"/published{where}")
    story.check(sheet["act_number"] == act["act_number"], "everybody may read the validated plan")
    return Validated(UUID(act["plan_id"]), lines)
