"""Events of intake: registrations and consents by their ids, people only as counts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from solidary.language.events.event import Event


class PersonRegistered(Event, name="intake.person.registered", key="person_id"):
    """A person was registered. The id is random, and belongs to this registration only."""

    person_id: UUID
    household_id: UUID


class PersonErased(Event, name="intake.person.erased", key="person_id"):
    """A person's identity was erased.

    Subscribers delete what they store about the id, as far as the law permits.
    """

    person_id: UUID


class HouseholdChanged(Event, name="intake.household.changed", key="household_id"):
    """A household's composition or profile has a new version, which entitled services fetch again."""

    household_id: UUID
    version: int = Field(ge=1)


class ConsentGranted(Event, name="intake.consent.granted", key="consent_id"):
    """A recipient agency was permitted to fetch a package for a purpose. The event has nothing of its content."""

    consent_id: UUID
    person_id: UUID
    household_id: UUID
    purpose: str = Field(description="A code: referral, cash and others.", examples=["referral"])
    recipient: UUID = Field(description="The agency that may fetch the package.")
    package_id: UUID
    valid_until: datetime | None = None


class ConsentWithdrawn(Event, name="intake.consent.withdrawn", key="consent_id"):
    """A consent was withdrawn: nothing new may be done under it."""

    consent_id: UUID
    person_id: UUID
    purpose: str
    recipient: UUID
    package_id: UUID


class ConsentExpired(Event, name="intake.consent.expired", key="consent_id"):
    """A consent ended on its date, with the same effect as a withdrawal."""

    consent_id: UUID
    person_id: UUID
    purpose: str
    recipient: UUID
    package_id: UUID


class AccessLogSealed(Event, name="intake.access_log.sealed", key="agency_id"):
    """An agency's access log got a seal. Who keeps the digest can tell later whether the log was changed or cut off."""

    agency_id: UUID
    number: int = Field(ge=1)
    digest: str = Field(
        description="SHA-256 over the seal before and all entries since, in hexadecimal digits."
    )


class UnusualQuestions(Event, name="intake.question.unusual_use", key="agency_id"):
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


class DemandCounted(Event, name="intake.demand.counted", key="report_id"):
    """The needs for which people came in a period were published, as counts that identify nobody."""

    report_id: UUID
    period_start: date
    period_end: date
    k: int = Field(ge=2, description="The least number of people in any cell.")
    cells: list[CountedCell]
    withheld: int = Field(ge=0, description="The number of cells that are withheld.")
