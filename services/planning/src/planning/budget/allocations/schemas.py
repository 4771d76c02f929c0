"""What the API takes and gives of allocations, acts and budget lines."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Reason = Annotated[str, Field(min_length=10, max_length=4000, description="Published with the plan")]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OverrideIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "selected": ["94c2e1ab-7f38-4056-b6d9-8e13a5f07c4d"],
                    "reason": "El tanque es condición para las demás obras.",
                }
            ]
        }
    )

    selected: Annotated[list[UUID], Field(min_length=1, max_length=200)]
    reason: Reason


class DrawIn(In):
    action_id: UUID
    agencies: Annotated[list[UUID], Field(min_length=1, max_length=50)]


class ValidationIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "act_number": "Acuerdo Municipal 12 de 2026",
                    "may_draw": [
                        {
                            "action_id": "94c2e1ab-7f38-4056-b6d9-8e13a5f07c4d",
                            "agencies": ["1f4d2b7e-8a63-4c19-b0d2-5e9c7a31f806"],
                        }
                    ],
                }
            ]
        }
    )

    act_number: str = Field(min_length=1, max_length=80, examples=["Acuerdo Municipal 12 de 2026"])
    may_draw: Annotated[list[DrawIn], Field(max_length=200)] = Field(
        default=[], description="Agencies whose programmes may draw on an action's budget line"
    )


class ReturnIn(In):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Falta el aval de la junta comunal."}]}
    )

    reason: Reason


class VotesOut(BaseModel):
    """How many of a community approved an action, chosen or not."""

    action_id: UUID
    community: str
    votes: int


class PaidOut(BaseModel):
    """What the voters of one community together paid for one action."""

    action_id: UUID
    community: str
    voters: int
    paid_minor: int


class CommunityOut(BaseModel):
    community: str
    voters: int
    paid_minor: int
    share_of_voters: float
    share_paid: float
    share_of_population: float | None


class UnfundedOut(BaseModel):
    """The action that came nearest to being paid for, and what it lacked."""

    action_id: UUID
    cost_minor: int
    lacking_minor: int
    votes: int | None


class AccountOut(BaseModel):
    """Who paid for what; the amounts sum to the cost exactly."""

    endowment: str = Field(description="What each voter started with, in units of the currency, exact")
    votes: list[VotesOut]
    paid: list[PaidOut]
    communities: list[CommunityOut]
    gini_of_voters: float
    gini_of_communities: float
    first_unfunded: UnfundedOut | None


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime


class AllocationOut(Out):
    plan_id: UUID = Field(validation_alias="root")
    round: int
    rule: str
    selected: list[UUID]
    cost_minor: int
    budget_minor: int
    account: AccountOut | None
    reason: str | None
    signer: UUID | None


class BudgetLineOut(Out):
    action_id: UUID
    perspective: str
    currency: str
    amount_minor: int
    may_draw: list[UUID]


class ActOut(BaseModel):
    """What the government decided on a plan, and the budget lines that came of it."""

    plan_id: UUID
    state: str
    act_number: str | None
    reason: str | None
    budget_lines: list[BudgetLineOut]
