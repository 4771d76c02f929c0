from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from solidary.language.codes.languages import Language
from solidary.language.codes.need_categories import NeedCategory

from referrals.engines.hsds.schedules import Schedule
from referrals.engines.hsds.services import ServiceStatus
from referrals.engines.hsds.values import Email, Uri

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
PCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9A-Z]{0,18}$")]
Telephone = Annotated[str, StringConstraints(pattern=r"^\+[0-9]{6,15}$")]
Purpose = Literal["service", "cash"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OpeningIn(Strict):
    """Hours by the clock of the place, in the words of HSDS and iCalendar; `closed` takes hours away."""

    byday: str | None = Field(default=None, examples=["MO,TU,WE,TH,FR"])
    opens_at: str | None = Field(default=None, examples=["08:00"])
    closes_at: str | None = Field(default=None, examples=["15:00"])
    freq: Literal["WEEKLY", "MONTHLY"] | None = None
    dtstart: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    description: str | None = Field(default=None, max_length=500)
    closed: bool = False

    def schedule(self, id_: UUID) -> Schedule:
        return Schedule(id=str(id_), **self.model_dump(exclude_none=True))


class Details(Strict):
    schedules: list[OpeningIn] = Field(default=[], max_length=50)
    telephones: list[Telephone] = Field(default=[], max_length=10)
    email: Email | None = None
    url: Uri | None = None
    required_documents: list[Words] = Field(default=[], max_length=30)
    application_process: Words | None = None
    eligibility_description: Words | None = None
    fees_description: Words | None = None


class ServiceIn(Strict):
    """An entry of the directory, whole. `needs`: codes of ordinary specific needs that it answers."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Matrícula escolar sin documentos",
                    "organization": "Dirección de Educación (ejemplo)",
                    "description": "Matrícula en la escuela más cercana para niñas y niños que llegaron sin "
                    "papeles.",
                    "category": "education",
                    "needs": ["CR-NE"],
                    "eligibility": "age >= 5 && age <= 17",
                    "area": "PA1307",
                    "languages": ["spa"],
                    "latitude": 8.88,
                    "longitude": -79.783,
                    "answers_within_hours": 72,
                    "details": {
                        "schedules": [{"byday": "MO,TU,WE,TH,FR", "opens_at": "08:00", "closes_at": "15:00"}],
                        "required_documents": ["Ninguno"],
                    },
                }
            ]
        }
    )

    name: Words
    organization: Words = Field(description="The name under which the agency offers it")
    description: Words
    category: NeedCategory
    needs: list[str] = Field(default=[], max_length=100, examples=[["CR-NE"]])
    purpose: Purpose = "service"
    status: ServiceStatus = "active"
    confidential: bool = Field(default=False, description="Never published, never named in an event")
    eligibility: str | None = Field(
        default=None, max_length=4_000, description="A rule in CEL", examples=["age >= 5 && age <= 17"]
    )
    area: PCode = Field(examples=["PA1307"])
    languages: list[Language] = Field(default=[Language.SPANISH], max_length=20)
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    remote: bool = False
    answers_within_hours: int | None = Field(default=None, ge=0, le=10_000)
    details: Details = Details()

    @model_validator(mode="after")
    def _a_place_has_two_coordinates(self) -> Self:
        if (self.latitude is None) is not (self.longitude is None):
            raise ValueError("latitude and longitude go together")
        return self


class CapacityIn(Strict):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"available": 12, "maximum": 30, "waiting_list": True}]}
    )

    available: int = Field(ge=0, le=1_000_000)
    maximum: int | None = Field(default=None, ge=0, le=1_000_000)
    waiting_list: bool = False

    @model_validator(mode="after")
    def _no_more_than_there_are(self) -> Self:
        if self.maximum is not None and self.available > self.maximum:
            raise ValueError("available is more than maximum")
        return self


class ServiceOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    service_id: UUID = Field(validation_alias="id")
    agency: UUID
    name: str
    organization: str
    description: str
    category: str
    needs: list[str]
    purpose: Purpose
    status: str
    confidential: bool
    eligibility: str | None
    area: str
    languages: list[str]
    latitude: float | None
    longitude: float | None
    remote: bool
    answers_within_hours: int | None
    details: dict[str, Any]
    available: int | None
    maximum: int | None
    waiting_list: bool
    capacity_said: datetime | None
    modified: datetime


class ConfideIn(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"until": "2027-02-05T17:00:00-05:00"}]})

    until: datetime | None = None
