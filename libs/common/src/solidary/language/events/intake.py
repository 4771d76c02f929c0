"""What intake tells: registrations, consents and procedures by id; people only as counts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from solidary.language.events.event import Event


class PersonRegistered(Event, name="intake.person.registered", key="person_id"):
    """A person was registered. The id is random and belongs to this registration alone."""

    person_id: UUID
    household_id: UUID


class PersonsMerged(Event, name="intake.person.merged", key="person_id"):
    """Two registrations are one person: `alias_id` now means `person_id`."""

    person_id: UUID
    alias_id: UUID


class PersonsUnmerged(Event, name="intake.person.unmerged", key="person_id"):
    """A merge was undone: `alias_id` is a person of its own again."""

    person_id: UUID
    alias_id: UUID


class PersonErased(Event, name="intake.person.erased", key="person_id"):
    """A person's identity was erased: hearers forget what hangs on the id, as far as law lets them."""

    person_id: UUID


class HouseholdChanged(Event, name="intake.household.changed", key="household_id"):
    """A household's composition or profile has a new version; who may, fetches it again."""

    household_id: UUID
    version: int = Field(ge=1)


class ConsentGranted(Event, name="intake.consent.granted", key="consent_id"):
    """A recipient agency may fetch a package for a purpose. Says nothing of what stands in it."""

    consent_id: UUID
    person_id: UUID
    household_id: UUID
    purpose: str = Field(description="Code: referral, cash, …", examples=["referral"])
    recipient: UUID = Field(description="The agency that may fetch")
    package_id: UUID
    valid_until: datetime | None = None


class ConsentWithdrawn(Event, name="intake.consent.withdrawn", key="consent_id"):
    """No new use under this consent."""

    consent_id: UUID
    person_id: UUID
    purpose: str
    recipient: UUID
    package_id: UUID


class ConsentExpired(Event, name="intake.consent.expired", key="consent_id"):
    """The consent's time is over; as if withdrawn."""

    consent_id: UUID
    person_id: UUID
    purpose: str
    recipient: UUID
    package_id: UUID


class CountedCell(BaseModel):
    """One published count, of k people or more. A dimension that was summed over is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    area: str = Field(description="P-code of an area, or a TIU's id")
    category: str = Field(description="Code of the need's category, or of the skill")
    population_group: str | None = None
    sex: Literal["female", "male", "other"] | None = None
    age_band: str | None = None
    count: int = Field(ge=1)


class DemandCounted(Event, name="intake.demand.counted", key="report_id"):
    """What people came for in a period, as counts that give nobody away."""

    report_id: UUID
    period_start: date
    period_end: date
    k: int = Field(ge=2, description="No cell counts fewer people than this")
    cells: list[CountedCell]
    withheld: int = Field(ge=0, description="How many cells are not shown")


class LabourSupplyCounted(Event, name="intake.labour_supply.counted", key="report_id"):
    """Who looks for work with which skill, as counts that give nobody away."""

    report_id: UUID
    period_start: date
    period_end: date
    k: int = Field(ge=2)
    cells: list[CountedCell]
    withheld: int = Field(ge=0)
