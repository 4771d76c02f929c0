"""The requests and answers of the API about enrolments."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from solidary.language.strict import StrictModel

from cash.targeting.enrolments.rules import EnrolmentState


class EnrolmentIn(StrictModel):
    """The referred household to enrol, by its referral."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"referral_id": "3e7a90c6-d45b-4f12-9a08-c1b6e2f4d783"}]},
    )

    referral_id: UUID


class ReferredHouseholdOut(BaseModel):
    """A household that was referred for cash. Its `id` is the referral's."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    person_id: UUID
    household_id: UUID
    consent_id: UUID


class EnrolmentOut(BaseModel):
    """A household in a programme."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    programme_id: UUID
    referral_id: UUID
    household_id: UUID
    collector: UUID = Field(description="The person who is paid")
    state: EnrolmentState
    profile_version: int | None = Field(description="Absent until the coded profile was fetched")
