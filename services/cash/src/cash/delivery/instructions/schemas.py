from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class InstructionIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"execution": "2026-11-30"}]})

    execution: date = Field(description="When the provider shall pay")


class InstructionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    plan_id: UUID
    message_id: str
    count: int
    total: int = Field(description="Minor units")
    not_sent: list[UUID] = Field(description="Agreed payments that could not be ordered; each says why")
    currency: str
    execution: date
    sha256: str | None = Field(description="Of the file that was handed over")
