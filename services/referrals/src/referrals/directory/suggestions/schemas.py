"""The request and the response of suggestions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from solidary.platform.web import Page

from referrals.engines.eligibility.check import EligibilityStatus
from referrals.engines.suggestion.entries import PCode, SuggestionQuery

Position: TypeAlias = Annotated[int, Field(ge=0, le=10_000_000)]
"""The number of services before a page."""


class SuggestionQueryIn(SuggestionQuery):
    """A need, and the known facts about the person who has it, without their identity."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"need": "CR-NE", "profile": {"age": 9, "area": "PA1104", "languages": ["spa"]}}]
        }
    )

    area: PCode | None = Field(
        default=None,
        examples=["PA1104"],
        description="Only services in this area, or that are available remotely. Without it, from everywhere",
    )


class BilingualText(BaseModel):
    """A text in Spanish and English."""

    model_config = ConfigDict(from_attributes=True)

    es: str
    en: str


class ScorePartOut(BaseModel):
    """One part of a score: its `value` from 0 to 100, its `weight` of 100, and its reason."""

    model_config = ConfigDict(from_attributes=True)

    part: str
    value: int
    weight: int
    reason: BilingualText


class SuggestedService(BaseModel):
    """A suggested service. One for which the person is not eligible comes last, with its unmet requirements."""

    service_id: UUID
    agency: UUID
    name: str
    organization: str
    confidential: bool
    eligibility: EligibilityStatus
    unmet_requirements: list[BilingualText]
    missing_fields: list[str] = Field(
        description="The fields of the profile on which an undetermined eligibility depends"
    )
    open_now: bool | None = Field(description="Null where it is unknown")
    next_open: datetime | None
    points: int = Field(description="The sum of the parts, of 10,000")
    parts: list[ScorePartOut]


class SuggestionPage(Page[SuggestedService]):
    """The best services, how many more there are, and the cursor of the next ones."""

    more: int = Field(description="The number of services after these")
