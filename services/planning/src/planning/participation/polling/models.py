"""Polling agencies, stations, the log of a round, and used cards. None of them shows how anybody voted."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity, Entity, timestamp
from sqlalchemy import ARRAY, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from planning.participation.polling.rules import STATION_TRANSITIONS, StationActor, StationState

CURRENT_AGENCY = text("current_setting('app.agency')::uuid")
CURRENT_SUBJECT = text("current_setting('app.subject')::uuid")


class PollingAgency(AgencyEntity):
    """A partner that may issue cards and cast ballots of a plan, because the plan's owner allowed it."""

    __tablename__ = "polling_agency"

    partner: Mapped[UUID]
    allowed_by: Mapped[UUID] = mapped_column(server_default=CURRENT_SUBJECT)


class Station(AgencyEntity):
    """A place where cards of one round are handed out and ballots are cast."""

    __tablename__ = "station"

    round: Mapped[int]
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default=StationState.OPEN)
    counted_spoiled: Mapped[int | None]
    counted_cast: Mapped[int | None]
    counted_unused: Mapped[int | None]
    explanation: Mapped[str | None]
    """The reason for which the numbers counted by hand differ from those recorded."""
    reconciled_by: Mapped[UUID | None]
    reconciled: Mapped[timestamp | None]

    @property
    def location(self) -> str:
        """The path of this station, as a `Location` header gives it."""
        return f"/stations/{self.id}"

    @property
    def is_open(self) -> bool:
        """True until the station is reconciled."""
        return self.state == StationState.OPEN

    def reconcile(self, *, spoiled: int, cast: int, unused: int, explanation: str | None) -> None:
        """Record the numbers counted by hand. Raises TransitionNotAllowed."""
        self.state = STATION_TRANSITIONS.apply(StationState(self.state), "reconcile", {StationActor.PLANNER})
        self.counted_spoiled, self.counted_cast, self.counted_unused = spoiled, cast, unused
        self.explanation = explanation


class BallotEntry(AgencyEntity):
    """An entry of the log of a round: who issued, spoiled or used which cards at which station, and when."""

    __tablename__ = "ballot_entry"

    round: Mapped[int]
    station_id: Mapped[UUID]
    act: Mapped[str]
    cards: Mapped[int]
    """The number of cards."""
    first: Mapped[int | None]
    """The number of the first issued card; the others follow it."""
    numbers: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    """The numbers of the spoiled or used cards, in order."""
    reason: Mapped[str | None]
    """The reason for which cards were spoiled."""
    actor: Mapped[UUID] = mapped_column(server_default=CURRENT_SUBJECT)
    acting_agency: Mapped[UUID] = mapped_column(server_default=CURRENT_AGENCY)

    @property
    def location(self) -> str:
        """The path of this entry, as a `Location` header gives it."""
        return f"/ballot-entries/{self.id}"


class UsedBallotCard(Entity):
    """A card that was used or spoiled. A trigger writes it from the log, once per card; it has no time of its own."""

    __tablename__ = "used_ballot_card"

    agency: Mapped[UUID]
    root: Mapped[UUID] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    spoiled: Mapped[bool]
