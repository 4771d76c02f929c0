"""The requests and answers of the API about reviews."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from solidary.language.strict import StrictModel

from cash.delivery.payment_plans.schemas import PaymentPlanOut
from cash.delivery.reviews.rules import Difference, Flag, FlagDecision
from cash.targeting.programmes.rules import ApprovalStage
from cash.targeting.programmes.schemas import ApprovalTierIn, DebtorOut

MAX_LISTED = 1000
"""The largest number of payments that a review lists of each kind; its counts are of all of them."""


class FlagDecisionIn(StrictModel):
    """A decision on one flagged payment."""

    payment_id: UUID
    flag: Flag
    decision: FlagDecision
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class FlagDecisionsIn(StrictModel):
    """Decisions on flagged payments of a plan."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "decisions": [
                        {
                            "payment_id": "3e7a90c6-d45b-4f12-9a08-c1b6e2f4d783",
                            "flag": "shared_account",
                            "decision": "pay",
                            "reason": "Two sisters who share one account; the desk has spoken with both.",
                        }
                    ]
                }
            ]
        },
    )

    decisions: list[FlagDecisionIn] = Field(min_length=1, max_length=MAX_LISTED)


class FlaggedPaymentOut(BaseModel):
    """A payment that needs a decision, and the newest one. Of the other household nothing is shown."""

    model_config = ConfigDict(from_attributes=True)

    payment_id: UUID
    flag: Flag
    decision: FlagDecision | None
    reason: str | None
    decided_by: UUID | None


class DifferenceOut(BaseModel):
    """A household whose payment differs from that of the last plan. Amounts are minor units."""

    model_config = ConfigDict(from_attributes=True)

    household_id: UUID
    payment_id: UUID | None = Field(description="Absent where the household is not paid any more")
    difference: Difference
    amount_before: int | None
    amount: int | None


class ApprovalsOut(BaseModel):
    """The approvals of a stage in this round."""

    stage: ApprovalStage
    needed: int
    given_by: list[UUID]


class ReviewOut(BaseModel):
    """All that a checker signs. Each list has at most 1,000 payments, each count is of all."""

    plan: PaymentPlanOut
    debtor: DebtorOut | None = Field(
        description="The party whose account pays; absent before the amounts are computed"
    )
    rule: dict[str, Any] = Field(description="The entitlement rule by which the amounts were computed")
    rule_author: UUID
    tiers: list[ApprovalTierIn] = Field(description="The tiers of the programme")
    least_tiers: list[ApprovalTierIn] = Field(
        description="The least approvals that the agency demands of every programme"
    )
    approvals: list[ApprovalsOut]
    makers: list[UUID] = Field(
        description="The people who prepared the plan or made what it pays: none may approve or release it"
    )
    is_same_as_last_round: bool | None = Field(
        description="True where the payments are those of the round before; absent in the first round"
    )
    flag_counts: dict[Flag, int]
    undecided_count: int = Field(
        description="Flagged payments that are not decided to be paid: none may remain"
    )
    flagged: list[FlaggedPaymentOut]
    changed_account_count: int
    changed_accounts: list[UUID] = Field(
        description="Payments to another account than the household's last payment went to"
    )
    last_plan_id: UUID | None = Field(
        description="The programme's last released plan, which this one is compared with"
    )
    difference_counts: dict[Difference, int]
    differences: list[DifferenceOut]
