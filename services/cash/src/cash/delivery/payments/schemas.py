"""The requests and answers of the API about payments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from cash.delivery.payments.records import CalculationRecord
from cash.delivery.payments.rules import PaymentState


class CalculationStepOut(BaseModel):
    """One step of the calculation of an amount."""

    model_config = ConfigDict(from_attributes=True)

    step: str = Field(validation_alias="name", examples=["basket"])
    result: str = Field(examples=["310"])
    facts: dict[str, str] = Field(description="The facts that the step was calculated from")


def _steps(calculation: object) -> object:
    return calculation.steps if isinstance(calculation, CalculationRecord) else calculation


class PaymentOut(BaseModel):
    """A payment to one household."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    plan_id: UUID
    household_id: UUID
    cycle: str
    purpose: str
    fsp: str
    amount: int = Field(description="The entitlement, in minor units")
    delivered_amount: int = Field(description="Minor units")
    currency: str
    state: PaymentState
    reason: str | None = Field(
        description="The provider's code where the payment failed or was returned; else the reason why it was left out"
    )
    report_id: UUID | None = Field(description="The latest report of the provider that changed the payment")
    calculation: Annotated[list[CalculationStepOut] | None, BeforeValidator(_steps)] = Field(
        description="The steps by which the amount was calculated"
    )
