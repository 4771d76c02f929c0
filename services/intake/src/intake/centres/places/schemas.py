"""The API schemas of centres."""

from __future__ import annotations

from datetime import time
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from solidary.language.codes.languages import Language
from solidary.language.validation import at_most

from intake.centres.places.records import CentreRecord, OpeningRecord
from intake.centres.places.rules import CentreKind, DeskService, Weekday
from intake.fields import AreaCode, LocalCode, Name, RequestBody, Telephone

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class CentreHoursIn(RequestBody):
    """The hours of some days of the week."""

    days: Annotated[tuple[Weekday, ...], at_most(7)] = Field(min_length=1, max_length=7)
    opens: time
    closes: time

    @model_validator(mode="after")
    def _check_order(self) -> CentreHoursIn:
        if self.opens.tzinfo or self.closes.tzinfo:
            raise ValueError("Write the hours without a zone, as in 08:00: they are those of the country.")
        if self.closes <= self.opens:
            raise ValueError("A centre closes after it opens. Hours past midnight are two entries.")
        return self

    def to_record(self) -> OpeningRecord:
        """Return the record of these hours."""
        return OpeningRecord(days=tuple(self.days), opens=self.opens, closes=self.closes)


class CentreIn(RequestBody):
    """A centre: a Point of Attention and Orientation, or an IntegrHa-bitat centre. Everybody may read it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "pao_la_chorrera",
                    "kind": "attention_point",
                    "name": "PAO La Chorrera",
                    "area": "PA130701",
                    "address": "Calle de la demostración 12",
                    "hours": [{"days": ["MO", "TU", "WE", "TH", "FR"], "opens": "08:00", "closes": "16:00"}],
                    "languages": ["spa", "eng"],
                    "services": ["orientation", "registration"],
                }
            ]
        }
    )

    code: LocalCode
    kind: CentreKind
    name: Name
    area: AreaCode
    address: Line
    telephone: Telephone | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    hours: Annotated[tuple[CentreHoursIn, ...], at_most(14)] = Field(default=(), max_length=14)
    languages: Annotated[tuple[Language, ...], at_most(20)] = Field(default=(), max_length=20)
    services: Annotated[tuple[DeskService, ...], at_most(20)] = Field(default=(), max_length=20)
    without_documents: bool = Field(
        default=True, description="True where people without documents are received."
    )
    is_open: bool = Field(default=True, description="False while the centre receives nobody.")
    note: Line | None = Field(
        default=None, description="A notice for visitors, such as the day of reopening."
    )

    @model_validator(mode="after")
    def _check_location(self) -> CentreIn:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("Send latitude and longitude together, or neither of them.")
        return self

    def to_record(self) -> CentreRecord:
        """Return the record of what is not a column."""
        return CentreRecord(
            address=self.address,
            telephone=self.telephone,
            latitude=self.latitude,
            longitude=self.longitude,
            hours=tuple(each.to_record() for each in self.hours),
            languages=tuple(self.languages),
            services=tuple(self.services),
            without_documents=self.without_documents,
            note=self.note,
        )


class CentreHoursOut(BaseModel):
    """The hours of some days of the week."""

    model_config = ConfigDict(from_attributes=True)

    days: list[Weekday]
    opens: time
    closes: time


class PublicCentreOut(BaseModel):
    """A centre as everybody may read it. `open_now`: by its hours, at the time of the answer."""

    centre_id: UUID
    kind: CentreKind
    name: str
    area: str
    address: str
    telephone: str | None
    latitude: float | None
    longitude: float | None
    hours: list[CentreHoursOut]
    languages: list[Language]
    services: list[DeskService]
    without_documents: bool
    is_open: bool
    open_now: bool
    note: str | None


class CentreOut(PublicCentreOut):
    """A centre of the own agency."""

    code: str


class PublicCentresOut(BaseModel):
    """The centres of the instance, by area and name."""

    items: list[PublicCentreOut]
