"""Part 3: a city and a neighbourhood in it; its communities vote on a plan, and its government validates it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from demonstration.scenario import Scenario, User

LABEL = "La Feria"
BUDGET = 11_000_000
CASH = "Apoyo monetario para alquiler y útiles escolares"
PARK = "Parque lineal con alumbrado"
PROPOSED_ACTIONS = {
    CASH: ("social_inclusion", 3_000_000),
    PARK: ("housing_habitat", 5_000_000),
}
"""The perspective and the cost in US cents of each action: 30,000 and 50,000 dollars."""

NEEDS = (
    ("refugee", "social_inclusion", "Las familias recién llegadas no pueden pagar alquiler ni útiles"),
    ("migrant", "socioeconomic_cultural", "Sin papeles no se puede abrir un pequeño comercio"),
    ("host", "housing_habitat", "No hay un espacio público seguro e iluminado"),
)
VOTERS = {"host": 16, "migrant": 8, "refugee": 6}


@dataclass(frozen=True)
class OpenPlan:
    """A plan with agreed needs, and its Territorial Intervention Unit."""

    plan_id: UUID
    tiu_id: UUID


@dataclass(frozen=True)
class BudgetLine:
    """A budget line of a validated plan."""

    budget_line_id: UUID
    action_id: UUID
    currency: str
    amount_minor: int
    may_draw: tuple[UUID, ...]


@dataclass(frozen=True)
class Validated:
    """A validated plan with its budget lines."""

    plan_id: UUID
    budget_lines: tuple[BudgetLine, ...]

    def for_agency(self, agency: UUID) -> BudgetLine:
        """Return the line on which an agency's programmes may draw."""
        return next(line for line in self.budget_lines if agency in line.may_draw)


async def open_plan(scenario: Scenario) -> OpenPlan:
    """Import the city, draw the unit, open the plan with its partner, publish the diagnosis and agree the needs."""
    planner = await scenario.user("chorrera.planner")
    facilitator = await scenario.user("unhabitat.planner")
    city = await _import_city(scenario, planner)
    tiu = await _draw_tiu(scenario, planner, city)
    body = {
        "title": f"Plan de inclusión de {LABEL}",
        "tiu_id": tiu["id"],
        "currency": scenario.place.currency,
        "budget_minor": scenario.place.amount(BUDGET),
    }
    plan = await planner.post("planning", "/plans", body)
    path = f"/plans/{plan['id']}"
    await planner.post("planning", f"{path}/partners", {"agency": str(scenario.agencies["unhabitat"])})
    budget = f"{scenario.place.currency} {scenario.place.amount(BUDGET) / 100:,.0f}"
    scenario.report(planner, f"opens a plan with {budget}; UN-Habitat may work on it")
    await _publish_diagnosis(scenario, facilitator, path)
    await _read_demand(scenario, planner, path)
    await _agree_needs(scenario, facilitator, path)
    return OpenPlan(UUID(plan["id"]), UUID(tiu["id"]))


async def vote_and_validate(scenario: Scenario, opened: OpenPlan, plan_line_id: UUID) -> Validated:
    """Cost the actions, among them that of the market assessment, vote, allocate by Equal Shares, and validate."""
    planner = await scenario.user("chorrera.planner")
    path = f"/plans/{opened.plan_id}"
    actions = await _cost_actions(scenario, planner, path, plan_line_id)
    await _vote(scenario, path, actions)
    await _allocate(scenario, planner, path, actions)
    return await _validate(scenario, planner, path, actions)


async def _import_city(scenario: Scenario, planner: User) -> dict[str, Any]:
    city = scenario.city
    imported: dict[str, Any] = await planner.work("planning", "/cities/import", city)
    figures = "invented figures" if imported["datasets"][-1]["synthetic"] else "published figures"
    areas, cells = len(imported["areas"]), imported["cells"]
    scenario.report(planner, f"imports {imported['name']}: {areas} areas, {cells} cells ({figures})")
    broken = city | {"cells": {"features": [city["cells"]["features"][0] | {"geometry": {"type": "Point"}}]}}
    failed = await planner.outcome("planning", "/cities/import", broken)
    scenario.check(
        failed["failure"]["errors"][0]["pointer"] == "/cells/features/0/geometry/type",
        "an invalid feature is reported with its pointer",
    )
    return imported


async def _draw_tiu(scenario: Scenario, planner: User, city: dict[str, Any]) -> dict[str, Any]:
    """Draw a unit in the western half of the corregimiento."""
    cells = await planner.get("planning", f"/cities/{city['code']}/cells?area={scenario.place.home}")
    points = [point for cell in cells["features"] for point in _points(cell["geometry"]["coordinates"])]
    west, south = min(x for x, _ in points), min(y for _, y in points)
    east, north = (west + max(x for x, _ in points)) / 2, max(y for _, y in points)
    body = {
        "city": city["code"],
        "area": scenario.place.home,
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
    scenario.check(0 < len(tiu["cells"]) < len(cells["features"]), "the unit is a part of its corregimiento")
    scenario.report(planner, f"draws the Territorial Intervention Unit {LABEL}: {len(tiu['cells'])} cells")
    return tiu


def _points(coordinates: Any) -> list[tuple[float, float]]:
    """Return all points of a Polygon or MultiPolygon."""
    if isinstance(coordinates[0], int | float):
        return [(coordinates[0], coordinates[1])]
    return [point for part in coordinates for point in _points(part)]


async def _publish_diagnosis(scenario: Scenario, facilitator: User, path: str) -> None:
    await facilitator.post("planning", f"{path}/advance", {"to": "diagnosis"})
    summary = "Servicios desiguales y empleo informal; faltan espacios públicos y apoyo a quienes llegan."
    plan = await facilitator.post("planning", f"{path}/diagnosis", {"summary": summary})
    figures = len(plan["diagnosis"]["figures"])
    scenario.report(facilitator, f"publishes the diagnosis: {figures} indicators, each with its source")


async def _read_demand(scenario: Scenario, planner: User, path: str) -> None:
    async def counted() -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = (await planner.get("planning", f"{path}/demand"))["lines"]
        return lines

    lines = await scenario.wait_until("demand as intake counts it", counted)
    scenario.check(all(line["people"] >= 10 for line in lines), "every count is of ten people or more")
    largest = max(lines, key=lambda line: int(line["people"]))
    scenario.report(
        planner,
        f"reads the demand from intake: {len(lines)} counts, "
        f"the largest {largest['people']} ({largest['category']})",
    )


async def _agree_needs(scenario: Scenario, facilitator: User, path: str) -> None:
    for community, perspective, statement in NEEDS:
        if community == "host":
            await facilitator.post("planning", f"{path}/advance", {"to": "needs_agreed"}, expect=409)
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
        await facilitator.post("planning", f"{path}/needs", need)
    await facilitator.post("planning", f"{path}/advance", {"to": "needs_agreed"})
    scenario.report(
        facilitator, "records that the needs are agreed, which requires evidence from all communities"
    )


async def _cost_actions(scenario: Scenario, planner: User, path: str, plan_line_id: UUID) -> dict[str, str]:
    """Cost and judge three actions; return their ids by title, that of the market assessment by its plan line."""
    needs = (await planner.get("planning", f"{path}/needs"))["needs"]
    await planner.post("planning", f"{path}/advance", {"to": "co_creation"})
    for title, (perspective, cost) in PROPOSED_ACTIONS.items():
        body = {
            "title": title,
            "perspective": perspective,
            "needs": [need["id"] for need in needs if need["perspective"] == perspective],
            "cost_minor": scenario.place.amount(cost),
        }
        await planner.post("planning", f"{path}/actions", body)

    async def actions_with_plan_line() -> dict[str, str]:
        listed = (await planner.get("planning", f"{path}/actions"))["actions"]
        actions = {action["derived_from"] or action["title"]: action["id"] for action in listed}
        return actions if str(plan_line_id) in actions else {}

    actions = await scenario.wait_until("the plan line as an action of the plan", actions_with_plan_line)
    scenario.report(planner, f"has {len(actions)} actions; one comes from the market assessment")
    await planner.post("planning", f"{path}/advance", {"to": "feasibility"})
    for action in actions.values():
        await planner.post("planning", f"/actions/{action}/verdict", {"feasible": True})
    await planner.post("planning", f"{path}/advance", {"to": "costs_published"})
    await planner.post("planning", f"/actions/{actions[PARK]}/cost", {"cost_minor": 1}, expect=409)
    scenario.report(planner, "publishes the costs, which cannot change from now on")
    return actions


async def _vote(scenario: Scenario, path: str, actions: dict[str, str]) -> None:
    """Vote: all approve the action of the market assessment, hosts also the park, the others the cash support.

    The municipality's facilitator issues the cards; UN-Habitat's casts the ballots, which the municipality allowed.
    """
    planner = await scenario.user("chorrera.planner")
    issuer = await scenario.user("chorrera.facilitator")
    caster = await scenario.user("unhabitat.facilitator")
    (from_market,) = (id_ for key, id_ in actions.items() if key not in PROPOSED_ACTIONS)
    await planner.post("planning", f"{path}/advance", {"to": "balloting"})
    station = (
        f"/stations/{(await issuer.post('planning', f'{path}/stations', {'name': 'Casa comunal'}))['id']}"
    )
    issued = await issuer.post("planning", f"{station}/cards", {"count": sum(VOTERS.values()) + 2})
    *codes, torn, _unused = issued["codes"]
    torn = {"numbers": [int(torn.partition("-")[0])], "reason": "La tarjeta se rompió."}
    await issuer.post("planning", f"{station}/spoiled-cards", torn)
    cards = iter(codes)
    ballots = [
        {
            "card": next(cards),
            "community": community,
            "channel": "assisted" if n % 3 else "paper",
            "approvals": [from_market, actions[PARK] if community == "host" else actions[CASH]],
        }
        for community, voters in VOTERS.items()
        for n in range(voters)
    ]
    await caster.post("planning", f"{station}/ballots", {"ballots": ballots}, expect=409)
    allowed = {"agency": str(scenario.agencies["unhabitat"])}
    await planner.post("planning", f"{path}/polling-agencies", allowed)
    await issuer.post("planning", f"{station}/ballots", {"ballots": ballots}, expect=409)
    cast = (await caster.post("planning", f"{station}/ballots", {"ballots": ballots}))["cast"]
    used = {"ballots": ballots[:1]}
    await caster.post("planning", f"{station}/ballots", used, expect=422)
    communities = ", ".join(f"{voters} {community}" for community, voters in VOTERS.items())
    scenario.report(
        caster,
        f"casts {cast} ballots ({communities}) with cards that {issuer.name} issued; a used card is rejected",
    )
    counted = {"spoiled": 1, "cast": cast, "unused": 0}
    await planner.post("planning", f"{station}/reconciliation", counted, expect=422)
    await planner.post("planning", f"{station}/reconciliation", counted | {"unused": 1})
    scenario.report(planner, f"reconciles the station: {cast} cards used, 1 spoiled, 1 unused")


async def _allocate(scenario: Scenario, planner: User, path: str, actions: dict[str, str]) -> None:
    """Count the ballots and allocate the budget by them."""
    await planner.post("planning", f"{path}/advance", {"to": "ballots_reviewed"})
    allocation = await planner.work("planning", f"{path}/allocation")
    scenario.check(actions[CASH] in allocation["selected"], "the minority's share pays for its action")
    scenario.check(
        actions[PARK] not in allocation["selected"], "the majority does not spend the minority's share"
    )
    paid = sum(line["paid_minor"] for line in allocation["account"]["paid"])
    scenario.check(
        paid == allocation["cost_minor"] <= scenario.place.amount(BUDGET),
        "the voters' payments sum to the cost exactly",
    )
    shares = ", ".join(
        f"{line['community']} {line['share_of_voters']:.0%} of voters paid {line['share_paid']:.0%}"
        for line in allocation["account"]["communities"]
    )
    scenario.report(
        planner,
        f"allocates by Equal Shares: {len(allocation['selected'])} of {len(actions)} actions, "
        f"{scenario.place.currency} {allocation['cost_minor'] / 100:,.2f} ({shares})",
    )


async def _validate(scenario: Scenario, planner: User, path: str, actions: dict[str, str]) -> Validated:
    authority = await scenario.user("chorrera.authority")
    await planner.post("planning", f"{path}/advance", {"to": "submitted_to_government"})
    body = {
        "act_number": "Acuerdo Municipal 27 de 2026",
        "may_draw": [{"action_id": actions[CASH], "agencies": [str(scenario.agencies["iom"])]}],
    }
    await planner.post("planning", f"{path}/validate", body, expect=403)
    act = await authority.post("planning", f"{path}/validate", body)
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
    scenario.report(authority, f"validates the plan by {act['act_number']}: {len(lines)} budget lines")
    published = await planner.get("planning", f"/published{path}")
    scenario.check(published["act_number"] == act["act_number"], "the validated plan is public")
    return Validated(UUID(act["plan_id"]), lines)
