"""The requests and answers of the API about status reports."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from cash.delivery.payments.rules import PaymentState


class StatusReportOut(BaseModel):
    """A report of a payment provider that was imported."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    message: str = Field(examples=["pain.002"])
    version: str = Field(examples=["001.12"])
    brought_by: UUID = Field(
        validation_alias="recorded_by", description="The account that brought the report"
    )
    order_message: str | None = Field(description="The message id of the order that the report names")
    matched: int = Field(description="Reports on payments of your agency")
    unmatched: int = Field(description="Reports on payments that your agency does not have")
    contradictions: int = Field(
        description="Reports that contradict what is recorded, each listed under /contradictions"
    )


class ContradictionOut(BaseModel):
    """A report on a payment that contradicts what is recorded. Somebody must look into it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    report_id: UUID
    payment_id: UUID
    state: PaymentState = Field(description="The state of the payment, which the report did not change")
    status: str | None = Field(description="The provider's status code")
    reason: str | None = Field(description="The provider's reason code")
    explanation: str
    occurrences: int = Field(description="The number of equal reports in the file")
