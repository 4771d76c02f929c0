from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from cash.delivery.payments.rules import PaymentState


class StatusReportOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    message: str = Field(examples=["pain.002"])
    version: str = Field(examples=["001.12"])
    matched: int = Field(description="Reports on payments of ours")
    unmatched: int = Field(description="Reports on payments that are not known here")
    contradictions: int = Field(description="Reports against what is settled, each under /contradictions")


class ContradictionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    report_id: UUID = Field(validation_alias="root")
    payment_id: UUID
    state: PaymentState = Field(description="What the payment was when the report came, and still is by it")
    status: str | None = Field(description="What the provider says now")
    reason: str | None
    why: str
