from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class EnrolIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"referral_id": "3e7a90c6-d45b-4f12-9a08-c1b6e2f4d783"}]},
    )

    referral_id: UUID


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime


class ReferredOut(Out):
    person_id: UUID
    household_id: UUID
    consent_id: UUID


class EnrolmentOut(Out):
    programme_id: UUID
    referral_id: UUID
    household_id: UUID
    collector: UUID
    state: str
    profile_version: int | None = Field(description="Absent until the coded profile was fetched")
