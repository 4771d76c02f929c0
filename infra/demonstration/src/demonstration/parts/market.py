"""Part 4: an agency and the municipality assess the market, and propose a line for the plan."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from demonstration.scenario import Scenario

SECTOR = "G"
"""ISIC Rev. 4: wholesale and retail trade."""

COST = 4_200_000


@dataclass(frozen=True)
class ProposedLine:
    """The assessment and the plan line that it proposed."""

    assessment_id: UUID
    plan_line_id: UUID


async def play(scenario: Scenario, plan_id: UUID) -> ProposedLine:
    """Play an assessment with one sector, one barrier and one plan line. All figures are invented."""
    analyst = await scenario.user("unhabitat.market_analyst")
    municipality = await scenario.user("chorrera.market_analyst")
    body = {
        "title": f"Comercio al por menor en {scenario.place.city.city}",
        "area": scenario.place.city.pcode,
        "municipality": str(scenario.agencies["chorrera"]),
    }
    assessment = await analyst.post("market", "/assessments", body)
    path = f"/assessments/{assessment['id']}"
    scenario.report(analyst, "designs a rapid market assessment and names the municipality that leads it too")
    await analyst.post("market", f"{path}/agree", expect=409)
    await municipality.post("market", f"{path}/agree")
    scenario.report(municipality, "agrees to the assessment; the agency that designed it could not")
    await analyst.post("market", f"{path}/advance", {"to": "fielding"})
    sector = {
        "code": SECTOR,
        "employment_before": 8_400,
        "employment_after": 9_060,
        "self_employed_after": 3_900,
        "vacancies": 310,
    }
    findings = await municipality.post("market", f"{path}/sectors", sector)
    growth = findings["sectors"][0]["growth"]
    scenario.report(municipality, f"records the sector of commerce, where employment grew by {growth:.1%}")
    barrier = {
        "sector": SECTOR,
        "kind": "document",
        "scope": "structural",
        "severity": 0.9,
        "share_affected": 0.6,
        "removability": 0.5,
    }
    findings = await analyst.post("market", f"{path}/barriers", barrier)
    priority = findings["barriers"][0]["priority"]
    scenario.report(
        analyst, f"records missing documents as a barrier, with a priority of {priority:.2f} of 1"
    )
    for state in ("cleaned", "scored", "validated_in_workshop"):
        await analyst.post("market", f"{path}/advance", {"to": state})
    line = {
        "plan_id": str(plan_id),
        "title": "Ventanilla única de formalización para pequeños comercios",
        "sector": SECTOR,
        "currency": scenario.place.currency,
        "cost_minor": scenario.place.amount(COST),
    }
    proposed = await analyst.post("market", f"{path}/plan-lines", line)
    cost = f"{scenario.place.currency} {scenario.place.amount(COST) / 100:,.0f}"
    scenario.report(analyst, f"proposes a line for the plan: {line['title']} ({cost})")
    return ProposedLine(UUID(assessment["id"]), UUID(proposed["id"]))


async def check_decision(scenario: Scenario, plan_line_id: UUID) -> None:
    """Wait until the plan line shows that planning accepted it."""
    analyst = await scenario.user("unhabitat.market_analyst")

    async def accepted() -> bool:
        line = await analyst.get("market", f"/plan-lines/{plan_line_id}")
        return bool(line["state"] == "accepted")

    await scenario.wait_until("the plan line is accepted by planning", accepted)
    scenario.report(analyst, "sees that planning accepted the proposed line")
