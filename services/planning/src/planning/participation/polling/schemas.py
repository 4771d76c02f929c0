"""The requests and answers of the API about polling stations, their cards and the log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from planning.participation.polling.rules import BallotAct, StationState
from planning.schemas import Name, Reason, RequestBody, RowOut, Text

MAX_CARDS = 2000
MAX_NUMBER = 10**9

Count = Annotated[int, Field(ge=0, le=MAX_NUMBER)]


class PollingAgencyIn(RequestBody):
    """A partner that may issue cards and cast ballots of the plan."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"agency": "1f4d2b7e-8a63-4c19-b0d2-5e9c7a31f806"}]}
    )

    agency: UUID


class StationIn(RequestBody):
    """A polling station to open."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Casa comunal"}]})

    name: Name


class BallotCardsIn(RequestBody):
    """A number of ballot cards to issue."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"count": 200}]})

    count: int = Field(ge=1, le=MAX_CARDS)


class SpoiledCardsIn(RequestBody):
    """Cards that cast no ballot any more: damaged, lost or misprinted."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"numbers": [17, 18], "reason": "La impresora se atascó."}]}
    )

    numbers: Annotated[
        list[Annotated[int, Field(ge=1, le=MAX_NUMBER)]], Field(min_length=1, max_length=MAX_CARDS)
    ]
    reason: Text


class ReconciliationIn(RequestBody):
    """The numbers of a station's cards, as they were counted by hand."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"spoiled": 2, "cast": 151, "unused": 47}]})

    spoiled: Count
    cast: Count
    unused: Count
    explanation: Reason | None = Field(
        default=None, description="Required where a number differs from what is recorded."
    )


class BallotEntryOut(RowOut):
    """An entry of the log: who issued, spoiled or used cards at which station, and when."""

    plan_id: UUID = Field(validation_alias="root")
    round: int
    station_id: UUID
    act: BallotAct
    cards: int = Field(description="The number of cards.")
    first: int | None = Field(description="The number of the first issued card; the others follow it.")
    reason: str | None = Field(description="The reason for which cards were spoiled.")
    actor: UUID
    acting_agency: UUID


class IssuedCardsOut(BallotEntryOut):
    """Ballot cards to print and hand out, one for each voter. This answer alone contains their codes."""

    codes: list[str] = Field(examples=[["1-K3QX7MPA2WTB"]])


class CountedByHandOut(BaseModel):
    """The numbers of a reconciled station's cards, as they were counted by hand."""

    spoiled: int
    cast: int
    unused: int
    explanation: str | None
    by: UUID
    at: datetime


class StationOut(BaseModel):
    """A polling station with the numbers of its cards as they are recorded."""

    id: UUID
    created: datetime
    plan_id: UUID
    round: int
    name: str
    state: StationState
    issued: int
    spoiled: int
    cast: int
    unused: int = Field(description="Issued, and neither spoiled nor used.")
    counted_by_hand: CountedByHandOut | None
