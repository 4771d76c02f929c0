"""The requests and responses of the directory API."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from solidary.language.external_ids import ExternalIds
from solidary.language.strict import StrictModel
from solidary.platform.external_ids import HasExternalIds

from referrals.engines.hsds.services import ServiceStatus
from referrals.engines.suggestion.entries import CapacityEntry, ServiceEntry, ServicePurpose

PROTECTS: JsonDict = {"x-protects": True}
"""The mark of a field that protects: it has no default, so that nothing becomes visible by leaving it out."""


class DirectoryServiceIn(ServiceEntry):
    """A complete entry of the directory. Whether it is confidential has to be stated each time."""

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
                    "status": "active",
                    "confidential": False,
                    "area": "PA1104",
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

    confidential: bool = Field(
        description="A confidential service is never published. Two people of its agency make it public.",
        json_schema_extra=PROTECTS,
    )
    external_ids: ExternalIds | None = Field(
        default=None, description="Your agency's own identifiers, which are not published; null leaves them"
    )


class DirectoryServiceReplacement(DirectoryServiceIn):
    """A complete entry that replaces another one. What opens it to people is stated each time."""

    status: ServiceStatus = Field(
        description="Only an active service takes new people.", json_schema_extra=PROTECTS
    )
    eligibility: str | None = Field(
        max_length=4_000,
        description="A rule in CEL; null opens the service to everybody.",
        examples=["age >= 5 && age <= 17"],
        json_schema_extra=PROTECTS,
    )


class ServiceCapacityIn(CapacityEntry):
    """The free places of a service now."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"available": 12, "maximum": 30, "waiting_list": True}]}
    )


class OpeningOut(BaseModel):
    """Opening hours, in the terms of HSDS and iCalendar."""

    model_config = ConfigDict(from_attributes=True)

    byday: str | None
    opens_at: str | None
    closes_at: str | None
    freq: str | None
    dtstart: str | None
    valid_from: str | None
    valid_to: str | None
    description: str | None
    closed: bool


class EntryDetailsOut(BaseModel):
    """Details that are shown and not searched."""

    model_config = ConfigDict(from_attributes=True)

    schedules: list[OpeningOut]
    telephones: list[str]
    email: str | None
    url: str | None
    required_documents: list[str]
    application_process: str | None
    eligibility_description: str | None
    fees_description: str | None


class DirectoryServiceOut(HasExternalIds):
    """An entry of the directory with its agency and its capacity."""

    model_config = ConfigDict(from_attributes=True)

    service_id: UUID = Field(validation_alias="id")
    agency: UUID
    name: str
    organization: str
    description: str
    category: str
    needs: list[str]
    purpose: ServicePurpose
    status: str
    confidential: bool
    eligibility: str | None
    area: str
    languages: list[str]
    latitude: float | None
    longitude: float | None
    remote: bool
    answers_within_hours: int | None
    details: EntryDetailsOut
    available: int | None
    maximum: int | None
    waiting_list: bool
    capacity_updated_at: datetime | None
    modified: datetime


class ServiceShareIn(StrictModel):
    """The end of a share; null for one without an end."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"until": "2027-02-05T17:00:00-05:00"}]})

    until: datetime | None = Field(json_schema_extra=PROTECTS)
