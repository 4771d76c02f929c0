"""The requests and answers of the API about ballot cards and ballots."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from solidary.language.codes.people import Community

from planning.participation.polling.schemas import StationOut
from planning.schemas import RequestBody

MAX_BALLOTS = 1000


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
    """The numbers of the round's cards, and its counted ballots.

    While ballots are cast, a change of the numbers by community would tell the community of the voter: there are
    none before the count.
    """

    round: int
    issued: int = Field(description="The number of cards issued at all stations.")
    spoiled: int
    cast: int = Field(description="The number of ballots cast.")
    stations: list[StationOut]
    lines: list[TurnoutLineOut] = Field(description="Empty until the ballots are counted.")
