"""The requests and answers of the API about ledger."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class AccountOut(BaseModel):
    """An account with its four sums, in minor units."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    currency: str
    debits_pending: int = Field(description="Reserved, to leave the account")
    debits_posted: int = Field(description="Moved out of the account")
    credits_pending: int = Field(description="Reserved, to arrive on the account")
    credits_posted: int = Field(description="Moved to the account")
    free: int = Field(description="The amount that may still leave the account")


class TransferOut(BaseModel):
    """A movement of money between two accounts of a budget line."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    kind: str = Field(description="single, pending, post or void")
    code: str = Field(description="The reason: grant, payment, settlement, late_return, write_off or fee")
    debit_role: str
    credit_role: str
    currency: str
    amount: int = Field(description="Minor units")
    reservation_id: UUID | None = Field(description="The reservation that a post or a void resolves")
    payment_id: UUID | None = Field(description="Shown to the agency that drew the money")
    drawn_by: UUID
