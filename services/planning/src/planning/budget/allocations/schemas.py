"""The requests and answers of the API about allocations."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from planning.schemas import Reason, RequestBody, ResponseBody, RowOut


class OverrideIn(RequestBody):
    """A selection that replaces the allocation by the ballots."""

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


class ActionVotesOut(ResponseBody):
    """The number of voters of a community who approved an action, whether it was selected or not."""

    action_id: UUID
    community: str
    votes: int


class CommunityPaymentOut(ResponseBody):
    """The money that the voters of a community together paid for an action."""

    action_id: UUID
    community: str
    voters: int
    paid_minor: int


class CommunityShareOut(ResponseBody):
    """A community's share of the voters, of the money paid and, where it is known, of the population."""

    community: str
    voters: int
    paid_minor: int
    share_of_voters: float
    share_paid: float
    share_of_population: float | None


class UnfundedActionOut(ResponseBody):
    """The action that came nearest to being funded, and what it was missing."""

    action_id: UUID
    cost_minor: int
    missing_minor: int = Field(description="The money that its supporters were missing.")
    votes: int | None = Field(description="The number of additional voters who would have funded it.")


class AllocationAccountOut(ResponseBody):
    """The account of who paid for what. The payments sum to the cost exactly."""

    endowment: str = Field(
        description="The initial budget of each voter in units of the currency, as an exact fraction."
    )
    votes: list[ActionVotesOut]
    paid: list[CommunityPaymentOut]
    communities: list[CommunityShareOut]
    gini_of_voters: float
    gini_of_communities: float
    first_unfunded: UnfundedActionOut | None


class AllocationOut(RowOut):
    """An allocation of a plan's budget."""

    plan_id: UUID = Field(validation_alias="root")
    round: int
    rule: str
    selected: list[UUID]
    cost_minor: int
    budget_minor: int
    account: AllocationAccountOut | None
    reason: str | None = Field(description="The reason of an override.")
    signer: UUID | None = Field(description="The person who signed an override.")
