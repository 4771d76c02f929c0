"""The requests and answers of the API about budget lines."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class BudgetLineBalanceOut(BaseModel):
    """A budget line of a validated plan."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    agency: UUID = Field(description="The agency that owns the money")
    plan_id: UUID
    action_id: UUID
    act_number: str
    perspective: str
    currency: str
    ceiling: int = Field(description="The granted amount, in minor units")
