"""The requests and answers of the API about payment plans."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from solidary.language.strict import StrictModel

from cash.delivery.payment_plans.rules import PaymentPlanState


class PaymentPlanIn(StrictModel):
    """A new payment plan."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"programme_id": "3e7a90c6-d45b-4f12-9a08-c1b6e2f4d783", "cycle": "2026-11"}]
        },
    )

    programme_id: UUID
    cycle: str = Field(
        pattern=r"^20\d{2}-(0[1-9]|1[0-2])$",
        description="The month that is paid for, from a year ago to a year ahead",
        examples=["2026-11"],
    )


class PaymentPlanOut(BaseModel):
    """A payment plan."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    programme_id: UUID
    budget_line_id: UUID
    cycle: str
    purpose: str
    fsp: str
    currency: str
    state: PaymentPlanState
    round: int = Field(description="The number of times that the plan was submitted")
    total: int = Field(description="Minor units")
    payment_count: int
    excluded_count: int = Field(
        description="Enrolled households without a payment in this plan: they are already paid in this cycle, their "
        "account is not known, or their amount is zero"
    )
    content_hash: str | None = Field(
        description="The SHA-256 of the payments, to which every approval is bound"
    )
    created_by: UUID
    submitted_by: UUID | None


class SignOffOut(BaseModel):
    """One person's part in one round of a plan."""

    model_config = ConfigDict(from_attributes=True)

    created: datetime
    round: int
    subject: UUID
    stage: str = Field(description="prepare, approve, authorise or release")
    content_hash: str
