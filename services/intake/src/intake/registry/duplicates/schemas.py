"""The API schemas of people who may be registered twice."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.fields import RequestBody
from intake.registry.search.schemas import MatchCandidate


class ProvisionalPersonOut(BaseModel):
    """A provisional person with those whom they may be, the likeliest first."""

    person_id: UUID
    household_id: UUID
    created: datetime
    name: str
    born: date | None
    same_as: UUID | None = Field(description="The person who they are, where somebody has decided so.")
    candidates: list[MatchCandidate]


class SamePersonIn(RequestBody):
    """The person who a provisional person is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"person_id": "0b9c6a52-7b0f-4c1d-9e6b-52f1d7a3c848"}]}
    )

    person_id: UUID | None = Field(description="null takes the decision back.")
