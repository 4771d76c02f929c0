"""The requests and answers of the API about ballot cards and ballots."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from solidary.language.codes.people import Community

from planning.schemas import RequestBody

MAX_CARDS = 2000
MAX_BALLOTS = 1000


class BallotCardsIn(RequestBody):
    """A number of ballot cards to issue."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"count": 200}]})

    count: int = Field(ge=1, le=MAX_CARDS)


class BallotCardsOut(BaseModel):
    """Ballot cards to print and hand out, one for each voter."""

    round: int
    first: int = Field(description="The number of the first card.")
    cards: list[str] = Field(examples=[["1-K3QX7MPA2WTB"]])


class BallotIn(RequestBody):
    """The ballot of one voter."""

    card: str = Field(min_length=3, max_length=40)
    community: Community = Field(
        description="The community that the voter declares; a status is never asked for."
    )
    channel: Literal["online", "paper", "assisted"]
    approvals: Annotated[list[UUID], Field(max_length=200)] = Field(
        description="The approved actions. An empty list is a blank ballot."
    )


class BallotsIn(RequestBody):
    """Ballots to cast, all of them or none."""

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

    ballots: Annotated[list[BallotIn], Field(min_length=1, max_length=MAX_BALLOTS)]


class TurnoutLineOut(BaseModel):
    """The number of ballots of one community through one channel."""

    community: str
    channel: str
    ballots: int


class TurnoutOut(BaseModel):
    """The turnout so far. The votes are not shown before the ballots are reviewed."""

    round: int
    cards: int = Field(description="The number of cards issued.")
    ballots: int
    lines: list[TurnoutLineOut]
