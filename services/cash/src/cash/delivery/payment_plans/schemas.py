from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from cash.delivery.payment_plans.rules import PlanState


class PlanIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"programme_id": "3e7a90c6-d45b-4f12-9a08-c1b6e2f4d783", "cycle": "2026-11"}]
        },
    )

    programme_id: UUID
    cycle: str = Field(
        pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="The month that is paid for", examples=["2026-11"]
    )


class PlanOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    programme_id: UUID
    budget_line_id: UUID
    cycle: str
    purpose: str
    fsp: str
    currency: str
    state: PlanState
    round: int
    total: int = Field(description="Minor units")
    payments: int
    left_out: int = Field(
        description="Enrolled households without a payment here: paid in this cycle already, not yet known, "
        "or not lacking anything by the rule"
    )
    content: str | None = Field(description="SHA-256 of the payments: what a yes is bound to")
    created_by: UUID
    submitted_by: UUID | None


class SignatureOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    created: datetime
    round: int
    subject: UUID
    part: str
    content: str
