"""The form of a directory entry, its capacity and a query: of the API's requests and of the files of `suggest`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeAlias
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator
from solidary.language.codes.languages import Language
from solidary.language.codes.need_categories import NeedCategory
from solidary.language.codes.urgency import Urgency
from solidary.language.strict import StrictModel

from referrals.engines.hsds.schedules import Schedule
from referrals.engines.hsds.services import ServiceStatus
from referrals.engines.hsds.values import Email, Uri
from referrals.engines.suggestion.facts import Point

Text: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
PCode: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9A-Z]{0,18}$")]
Telephone: TypeAlias = Annotated[str, StringConstraints(pattern=r"^\+[0-9]{6,15}$")]
NeedCode: TypeAlias = Annotated[str, StringConstraints(max_length=40)]
Moment: TypeAlias = Annotated[str, StringConstraints(max_length=40)]
"""A date, a time, or both, which the schedule reads."""
ServicePurpose: TypeAlias = Literal["service", "cash"]


class OpeningEntry(StrictModel):
    """Opening hours in the local time of the place, in the terms of HSDS and iCalendar.

    An entry that is `closed` is an exception, which removes hours.
    """

    byday: Annotated[str, Field(max_length=200)] | None = Field(default=None, examples=["MO,TU,WE,TH,FR"])
    opens_at: Moment | None = Field(default=None, examples=["08:00"])
    closes_at: Moment | None = Field(default=None, examples=["15:00"])
    freq: Literal["WEEKLY", "MONTHLY"] | None = None
    dtstart: Moment | None = None
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    description: str | None = Field(default=None, max_length=500)
    closed: bool = False

    def schedule(self, id_: UUID) -> Schedule:
        """Return the hours as an HSDS schedule."""
        return Schedule(id=str(id_), **self.model_dump(exclude_none=True))


class EntryDetails(StrictModel):
    """Details that are shown and not searched."""

    schedules: list[OpeningEntry] = Field(default=[], max_length=50)
    telephones: list[Telephone] = Field(default=[], max_length=10)
    email: Annotated[Email, Field(max_length=254)] | None = None
    url: Annotated[Uri, Field(max_length=2_000)] | None = None
    required_documents: list[Text] = Field(default=[], max_length=30)
    application_process: Text | None = None
    eligibility_description: Text | None = None
    fees_description: Text | None = None


class ServiceEntry(StrictModel):
    """A complete entry of the directory."""

    name: Text
    organization: Text = Field(description="The name under which the agency offers the service")
    description: Text
    category: NeedCategory
    needs: list[NeedCode] = Field(
        default=[],
        max_length=100,
        examples=[["CR-NE"]],
        description="The codes of ordinary specific needs that the service meets",
    )
    purpose: ServicePurpose = "service"
    status: ServiceStatus = "active"
    confidential: bool = Field(
        default=False, description="A confidential service is never published and appears in no event"
    )
    eligibility: str | None = Field(
        default=None, max_length=4_000, description="A rule in CEL", examples=["age >= 5 && age <= 17"]
    )
    area: PCode = Field(examples=["PA1104"])
    languages: list[Language] = Field(default=[Language.SPANISH], max_length=20)
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    remote: bool = Field(default=False, description="Available remotely, without going there")
    answers_within_hours: int | None = Field(
        default=None, ge=0, le=10_000, description="The usual time to a first answer"
    )
    details: EntryDetails = EntryDetails()

    @model_validator(mode="after")
    def _require_both_coordinates(self) -> Self:
        if (self.latitude is None) is not (self.longitude is None):
            raise ValueError("Give both latitude and longitude, or neither.")
        return self

    @property
    def point(self) -> Point | None:
        if self.latitude is None or self.longitude is None:
            return None
        return Point(self.latitude, self.longitude)


class CapacityEntry(StrictModel):
    """The free places of a service."""

    available: int = Field(ge=0, le=1_000_000)
    maximum: int | None = Field(default=None, ge=0, le=1_000_000)
    waiting_list: bool = False

    @model_validator(mode="after")
    def _require_at_most_the_maximum(self) -> Self:
        if self.maximum is not None and self.available > self.maximum:
            raise ValueError("The number of available places is larger than the maximum.")
        return self


class Near(StrictModel):
    """A place, as coarse as the caller likes."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class SuggestionQuery(StrictModel):
    """A need, and the known facts about the person who has it, without their identity."""

    need: str = Field(max_length=40, description="A category of services, or the code of an ordinary need")
    profile: dict[Annotated[str, Field(max_length=40)], Any] = Field(
        default={}, max_length=40, description="Only known fields; docs/using/eligibility.md lists them"
    )
    urgency: Urgency = Urgency.NORMAL
    near: Near | None = None

    @property
    def near_point(self) -> Point | None:
        return Point(self.near.latitude, self.near.longitude) if self.near else None
