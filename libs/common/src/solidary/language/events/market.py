"""What market tells: proposals for plans, and prices."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from solidary.language.events.event import Event


class PlanLineProposed(Event, name="market.plan_line.proposed", key="plan_line_id"):
    """An economic line that the market assessment proposes for a territorial plan."""

    plan_line_id: UUID
    assessment_id: UUID
    plan_id: UUID
    title: str
    sector: str = Field(description="CIIU Rev. 4 section or division", examples=["G"])
    perspective: Literal["socioeconomic_cultural"] = "socioeconomic_cultural"
    currency: str = Field(min_length=3, max_length=3)
    cost_minor: int = Field(gt=0)


class BarrierIdentified(Event, name="market.barrier.identified", key="barrier_id"):
    """Something stands between people and work in a sector."""

    barrier_id: UUID
    assessment_id: UUID
    sector: str
    kind: str = Field(examples=["recognition"])
    scope: Literal["individual", "community", "structural"]


class BasketPricePublished(Event, name="market.basket_price.published", key="basket_id"):
    """The minimum expenditure basket's value, with who endorsed it."""

    basket_id: UUID
    area: str
    household_size: int = Field(ge=1)
    currency: str = Field(min_length=3, max_length=3)
    amount_minor: int = Field(gt=0)
    endorsed_by: str
    valid_from: date
