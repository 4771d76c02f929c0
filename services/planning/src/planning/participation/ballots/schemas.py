"""What the API takes and gives of ballots."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from solidary.language.codes.people import Community

MOST_CARDS = 2000
MOST_BALLOTS = 1000


class In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CardsIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"count": 200}]})

    count: int = Field(ge=1, le=MOST_CARDS)


class CardsOut(BaseModel):
    """Cards to print and give out, one per voter."""

    round: int
    first: int
    cards: list[str] = Field(examples=[["1-K3QX7MPA2WTB"]])


class BallotIn(In):
    card: str = Field(min_length=3, max_length=40)
    community: Community = Field(description="As the voter says it; never asked for as a status")
    channel: Literal["online", "paper", "assisted"]
    approvals: Annotated[list[UUID], Field(max_length=200)] = Field(description="Empty: a blank ballot")


class BallotsIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ballots": [
                        {
                            "card": "1-K3QX7MPA2WTB",
                            "community": "migrant",
                            "channel": "paper",
                            "approvals": ["94c2e1ab-7f38-4056-b6d9-8e13a5f07c4d"],
                        }
                    ]
                }
            ]
        }
    )

    ballots: Annotated[list[BallotIn], Field(min_length=1, max_length=MOST_BALLOTS)]


class TurnoutLine(BaseModel):
    community: str
    channel: str
    ballots: int


class TurnoutOut(BaseModel):
    """How many voted so far; what they voted for is not told before the ballots are reviewed."""

    round: int
    cards: int = Field(description="Cards given out")
    ballots: int
    by: list[TurnoutLine]
