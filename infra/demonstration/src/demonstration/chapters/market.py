"""Chapter 4: the market is assessed together with the municipality, and proposes a line for the plan."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from demonstration.people import DISTRICT
from demonstration.story import Story

SECTOR = "G"  # CIIU Rev. 4: wholesale and retail trade
COST_MINOR = 4_200_000


@dataclass(frozen=True)
class Proposed:
    assessment_id: UUID
    plan_line_id: UUID


async def play(story: Story, plan_id: UUID) -> Proposed:
    """An assessment led with the municipality: one sector, one barrier, one plan line. Figures are invented."""
    analyst = await story.person("unhabitat.market_analyst")
    municipality = await story.person("chorrera.market_analyst")
    body = {
        "title": "Comercio al por menor en La Chorrera",
        "area": DISTRICT,
        "municipality": str(story.agencies["chorrera"]),
    }
    assessment = await analyst.post("market", "/assessments", body)
    place = f"/assessments/{assessment['id']}"
    story.tell(analyst, "designs a rapid market assessment and asks the municipality to lead along")
    await analyst.post("market", f"{place}/agree", expect=409)
    await municipality.post("market", f"{place}/agree")
    story.tell(municipality, "agrees: the assessment is led by both (the designing agency alone could not)")
    await analyst.post("market", f"{place}/advance", {"to": "fielding"})
    sector = {
        "code": SECTOR,
        "employment_before": 8_400,
        "employment_after": 9_060,
        "self_employed_after": 3_900,
        "vacancies": 310,
    }
    findings = await municipality.post("market", f"{place}/sectors", sector)
    growth = findings["sectors"][0]["growth"]
    story.tell(municipality, f"records the sector of commerce: employment grew by {growth:.1%}")
    barrier = {
        "sector": SECTOR,
        "kind": "document",
        "scope": "structural",
        "severity": 0.9,
        "share_affected": 0.6,
        "removability": 0.5,
    }
    findings = await analyst.post("market", f"{place}/barriers", barrier)
    priority = findings["barriers"][0]["priority"]
    story.tell(analyst, f"records the barrier of missing documents, priority {priority:.2f} of 1")
    for step in ("cleaned", "scored", "validated_in_workshop"):
        await analyst.post("market", f"{place}/advance", {"to": step})
    line = {
        "plan_id": str(plan_id),
        "title": "Ventanilla única de formalización para pequeños comercios",
        "sector": SECTOR,
        "currency": "USD",
        "cost_minor": COST_MINOR,
    }
    proposed = await analyst.post("market", f"{place}/plan-lines", line)
    story.tell(analyst, f"proposes to the plan: {line['title']} (USD {COST_MINOR / 100:,.0f})")
    return Proposed(UUID(assessment["id"]), UUID(proposed["id"]))


async def status(story: Story, plan_line_id: UUID) -> None:
    """Planning's answer has come back."""
    analyst = await story.person("unhabitat.market_analyst")

    async def accepted() -> bool:
        line = await analyst.get("market", f"/plan-lines/{plan_line_id}")
        return bool(line["state"] == "accepted")

    await story.until("planning's answer to the plan line", accepted)
    story.tell(analyst, "sees that planning accepted the proposed line")
