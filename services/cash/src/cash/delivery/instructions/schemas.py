"""The requests and answers of the API about instructions."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from solidary.language.strict import StrictModel


class InstructionIn(StrictModel):
    """The details of a payment order."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"execution_date": "2026-11-30"}]})

    execution_date: date = Field(description="The day on which the provider is to pay")


class InstructionOut(BaseModel):
    """A payment order that was handed over. Its file is not kept."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    plan_id: UUID
    message_id: str
    ordered_by: UUID
    payment_count: int
    total: int = Field(description="Minor units")
    not_sent: list[UUID] = Field(
        description="The approved payments that were left out; each has failed, with its reason"
    )
    currency: str
    execution_date: date
    sha256: str | None = Field(description="The SHA-256 of the file that was handed over")
