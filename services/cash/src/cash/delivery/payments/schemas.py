from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from cash.delivery.payments.rules import PaymentState


class PaymentOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    plan_id: UUID = Field(validation_alias="root")
    household_id: UUID
    cycle: str
    purpose: str
    fsp: str
    amount: int = Field(description="Entitled, in minor units")
    delivered: int
    currency: str
    state: PaymentState
    reason: str | None = Field(
        description="The provider's word where it failed or came back; else why it was left out or not sent"
    )
    why: list[dict[str, Any]] | None = Field(description="How the amount came about, step by step")
