from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from solidary.language.codes.urgency import Urgency

from referrals.engines.eligibility.answers import Verdict


class Near(BaseModel):
    model_config = ConfigDict(extra="forbid")

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class QueryIn(BaseModel):
    """A need, and what is known of whoever has it, without saying who."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"need": "CR-NE", "profile": {"age": 9, "area": "PA1307", "languages": ["spa"]}}]
        },
    )

    need: str = Field(max_length=40, description="A category of services, or the code of an ordinary need")
    profile: dict[str, Any] = Field(
        default={}, description="Known fields only; see docs/using/eligibility.md"
    )
    urgency: Urgency = Urgency.NORMAL
    near: Near | None = None


class Words(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    es: str
    en: str


class Part(BaseModel):
    """One part of a score: `value` of 0 to 100, `weight` of 100, and why."""

    model_config = ConfigDict(from_attributes=True)

    part: str
    value: int
    weight: int
    reason: Words


class Suggested(BaseModel):
    """`points` of 10,000. One that does not fit stands last, with the reason."""

    service_id: UUID
    agency: UUID
    name: str
    organization: str
    confidential: bool
    verdict: Verdict
    because: list[Words] = Field(description="What is not met")
    ask: list[str] = Field(description="Fields that may yet decide it")
    open_now: bool | None
    next_open: datetime | None
    points: int
    parts: list[Part]
