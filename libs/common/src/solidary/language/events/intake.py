"""Events of intake: registrations and consents by their ids, people only as counts.

The ids of a person, of their household, of their consents and of their packages never stand in the same event, so that
nobody can join the events of one person.
"""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from solidary.language.events.event import Audience, Event


class PersonRegistered(Event, name="intake.person.registered", key="person_id", audience=Audience.CASES):
    """A person was registered. The id is random, and belongs to this registration only."""

    person_id: UUID


class PersonErased(Event, name="intake.person.erased", key="person_id", audience=Audience.CASES):
    """A person's identity was erased.

    Subscribers delete what they store about the id, as far as the law permits.
    """

    person_id: UUID


class HouseholdChanged(Event, name="intake.household.changed", key="household_id", audience=Audience.CASES):
    """A household's composition or profile has a new version, which entitled services fetch again."""

    household_id: UUID
    version: int = Field(ge=1)


class ConsentEnded(Event, name="intake.consent.ended", key="consent_id", audience=Audience.CASES):
    """A consent was withdrawn or is over: nothing new may be done under it. Whether one is in force, intake answers."""

    consent_id: UUID


class AccessLogSealed(Event, name="intake.access_log.sealed", key="agency_id", audience=Audience.AUDIT):
    """An agency's access log got a seal. Who keeps the digest can tell later whether the log was changed or cut off."""

    agency_id: UUID
    number: int = Field(ge=1)
    digest: str = Field(
        description="SHA-256 over the seal before and all entries since, in hexadecimal digits."
    )


class UnusualQuestions(Event, name="intake.question.unusual_use", key="agency_id", audience=Audience.AUDIT):
    """A colleague of an agency asked other agencies about unusually many strangers on this day."""

    agency_id: UUID
    questions: int = Field(ge=1, description="The colleague's questions of the day so far.")


class CountedCell(BaseModel):
    """One published count, of k people or more. A dimension over which it is a total is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    area: str = Field(description="The P-code of an area, or the id of a TIU.")
    category: str = Field(description="The code of the category of need.")
    population_group: str | None = None
    sex: Literal["female", "male", "other"] | None = None
    age_band: str | None = None
    count: int = Field(ge=1)


class DemandCounted(Event, name="intake.demand.counted", key="report_id", audience=Audience.COUNTS):
    """The needs for which people came in a period were published, as counts that identify nobody."""

    report_id: UUID
    period_start: date
    period_end: date
    k: int = Field(ge=2, description="The least number of people in any cell.")
    cells: list[CountedCell]
    withheld: int = Field(ge=0, description="The number of cells that are withheld.")
