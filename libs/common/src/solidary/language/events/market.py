"""Events of market: findings of market assessments, and lines proposed for territorial plans."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from solidary.language.events.event import Audience, Event


class PlanLineProposed(Event, name="market.plan_line.proposed", key="plan_line_id", audience=Audience.PLANS):
    """A market assessment proposed a line for a territorial plan."""

    plan_line_id: UUID
    assessment_id: UUID
    plan_id: UUID
    municipality: UUID = Field(description="The municipality that co-leads the assessment.")
    title: str
    sector: str = Field(description="A section or division of CIIU Rev. 4 (ISIC Rev. 4).", examples=["G"])
    perspective: Literal["socioeconomic_cultural"] = "socioeconomic_cultural"
    currency: str = Field(min_length=3, max_length=3)
    cost_minor: int = Field(gt=0)


class BarrierIdentified(Event, name="market.barrier.identified", key="barrier_id", audience=Audience.PLANS):
    """A market assessment identified a barrier between people and work in a sector."""

    barrier_id: UUID
    assessment_id: UUID
    sector: str
    kind: str = Field(examples=["recognition"])
    scope: Literal["individual", "community", "structural"]
