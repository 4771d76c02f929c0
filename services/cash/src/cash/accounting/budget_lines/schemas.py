from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime


class BudgetLineOut(Out):
    agency: UUID = Field(description="Whose money it is")
    plan_id: UUID
    action_id: UUID
    act_number: str
    perspective: str
    currency: str
    ceiling: int = Field(description="Granted, in minor units")


class AccountOut(BaseModel):
    """Four sums in minor units; `free` may still leave the account."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    currency: str
    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int
    free: int


class TransferOut(Out):
    kind: str
    code: str
    debit_role: str
    credit_role: str
    currency: str
    amount: int
    pending: UUID | None = Field(description="The reservation that a post or a void resolves")
    payment: UUID | None = Field(description="Known to the agency that drew")
    drawn_by: UUID
