"""A country pack: one TOML file per country, read into typed values."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator, model_validator

from solidary.language.codes.code_list import CodeList
from solidary.language.codes.currencies import CurrencyCode
from solidary.language.codes.languages import Language
from solidary.language.codes.pathways import PathwayKind
from solidary.language.codes.wording import Wording
from solidary.language.country.complaints import Complaints
from solidary.language.country.entry import PackEntry
from solidary.language.country.pathways import Pathway, Source
from solidary.language.validation import faults_of

FOLDER_VARIABLE = "SOLIDARY_COUNTRIES"
_CHECKOUT = Path(__file__).parents[6] / "infra" / "countries"
_FILE_NAME = re.compile(r"[A-Z]{2}\.toml")


class InvalidPack(ValueError):
    """A country pack that cannot be read. The message names each wrong entry and the reason."""


class Currency(PackEntry):
    """The currency of a country.

    Amounts are whole numbers of minor units, and payments are multiples of `payable`.
    """

    code: CurrencyCode
    minor_units: Annotated[int, Field(ge=0, le=4)]
    payable: Annotated[int, Field(ge=1)] = 1
    also_accepted: tuple[CurrencyCode, ...] = ()


class DocumentType(PackEntry):
    """A kind of document that a person may hold.

    `stdnum` is the python-stdnum module that checks its number, such as `co.nit`.
    """

    name: Wording
    issuer: str
    identity: bool
    stdnum: str | None = None


class PaymentRail(PackEntry):
    """A means of payment and the file format that it accepts. A `template` is configured for each bank."""

    name: Wording
    format: Literal["pain.001.001.09", "template"]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]


class Publication(PackEntry):
    """The rules for publishing counts.

    `k` is the least number of people in a figure. `demand_map` is false where a public map would put people at risk.
    """

    k: int = 10
    demand_map: bool = True


class RecordKind(CodeList):
    """A kind of record that has a retention period."""

    PERSON = "person", "Personas sin actividad", "People without activity"
    VISIT = "visit", "Visitas", "Visits"
    NEED = "need", "Necesidades cerradas", "Closed needs"
    RESTRICTED_NEED = "restricted_need", "Necesidades reservadas", "Restricted needs"
    TIMELINE_ENTRY = "timeline_entry", "Entradas del historial", "Entries of timelines"
    GUIDANCE = "guidance", "Orientaciones", "Guidance"
    PROCEDURE = "procedure", "Trámites terminados", "Procedures that have ended"
    PACKAGE = (
        "package",
        "Datos compartidos, tras el fin del consentimiento",
        "Shared data, after the consent's end",
    )
    ACCESS_ENTRY = "access_entry", "Entradas del registro de accesos", "Entries of the access log"


LEAST_ACCESS_LOG_MONTHS = 72
"""The database of intake refuses to cut off entries that are younger than five years."""
LEAST_LOCATED_AREAS = 3
Months = Annotated[int, Field(ge=1, le=1200)]


class DataProtection(PackEntry):
    """The periods and legal bases of personal data.

    `bases` are the legal bases that each purpose may have. `consent_months` is the length of a consent that names no
    end. A person who was paid cannot be erased before `audit_years` are over, nor while a payment may be on its way,
    which `open_payment_days` after its order nobody assumes any more. The access log is kept longer than the audits.
    """

    consent_months: Months
    open_payment_days: Annotated[int, Field(ge=1, le=366)]
    audit_years: Annotated[int, Field(ge=1, le=30)]
    bases: Mapping[str, tuple[str, ...]]
    retention_months: Mapping[RecordKind, Months]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]

    @field_validator("retention_months")
    @classmethod
    def _check_kinds(cls, periods: Mapping[RecordKind, int]) -> Mapping[RecordKind, int]:
        if missing := set(RecordKind) - set(periods):
            raise ValueError(f"These kinds of records have no period: {', '.join(sorted(missing))}.")
        return periods

    @model_validator(mode="after")
    def _check_access_log(self) -> DataProtection:
        least = max(12 * (self.audit_years + 1), LEAST_ACCESS_LOG_MONTHS)
        if self.retention_months[RecordKind.ACCESS_ENTRY] < least:
            raise ValueError(f"The access log is kept for {least} months or more: longer than the audits.")
        return self


class DemonstrationArea(PackEntry):
    """An area of the demonstration's city; those with a location (latitude and longitude) have cells there."""

    name: str
    location: tuple[float, float] | None = None


class Demonstration(PackEntry):
    """The small city of the demonstration in this country.

    `phone` are the first digits of an invented number, `price` the price of a US dollar in whole units of the currency,
    roughly, so that invented amounts are of a likely size.
    """

    city: str
    pcode: str
    phone: Annotated[str, Field(pattern=r"^\+\d{3,6}$")]
    phone_digits: Annotated[int, Field(ge=4, le=10)]
    price: Annotated[int, Field(ge=1)] = 1
    areas: Mapping[str, DemonstrationArea]

    @model_validator(mode="after")
    def _check_areas(self) -> Demonstration:
        if sum(area.location is not None for area in self.areas.values()) < LEAST_LOCATED_AREAS:
            raise ValueError(
                f"The demonstration needs {LEAST_LOCATED_AREAS} areas or more that have a location."
            )
        if outside := [code for code in self.areas if not code.startswith(self.pcode)]:
            raise ValueError(
                f"The code of the area {outside[0]} does not begin with that of the city, {self.pcode}."
            )
        return self


class CountryPack(PackEntry):
    """The settings of one country: `load_pack("PA").currency.code == "PAB"`."""

    code: str
    name: Wording
    currency: Currency
    languages: tuple[Language, ...]
    timezone: str
    bounds: tuple[float, float, float, float]
    """The west, south, east and north of the country with its islands, in degrees and generously."""
    areas: tuple[Wording, ...]
    publication: Publication = Publication()
    data_protection: DataProtection
    event_retention_days: int = Field(default=730, ge=1)
    """The days after which Kafka deletes events: 24 months, unless the country's schedule requires another time."""
    documents: Mapping[str, DocumentType]
    placeholders: tuple[str, ...] = ()
    """The country's own words for a missing number, beside those of `solidary.language.placeholders`."""
    pathways: Mapping[str, Pathway]
    rails: Mapping[str, PaymentRail]
    complaints: Complaints = Complaints()
    demonstration: Demonstration | None = None
    """Without it the country has no demonstration."""

    @field_validator("timezone")
    @classmethod
    def _check_time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except ZoneInfoNotFoundError as error:
            raise ValueError(f"{name} is not a time zone of the IANA database.") from error
        return name

    @model_validator(mode="after")
    def _check_references(self) -> CountryPack:
        for pathway in self.pathways.values():
            if unknown := set(pathway.excludes) - set(self.pathways):
                raise ValueError(
                    f"{pathway.id}: the excluded pathway {', '.join(sorted(unknown))} is not in the pack."
                )
            needed = {document for step in pathway.steps for document in step.documents}
            if unknown := needed - set(self.documents):
                raise ValueError(
                    f"{pathway.id}: the document {', '.join(sorted(unknown))} is not in the pack."
                )
        return self

    def zone(self) -> ZoneInfo:
        """Return the country's time zone."""
        return ZoneInfo(self.timezone)

    def pathways_of(self, kind: PathwayKind) -> tuple[Pathway, ...]:
        """Return the pathways of a kind, in the order of the pack."""
        return tuple(pathway for pathway in self.pathways.values() if pathway.kind == kind)


class CountriesFolderMissing(InvalidPack):
    """No folder of country packs."""

    def __init__(self, folder: Path):
        super().__init__(
            f"There is no folder of country packs in {folder}. Set {FOLDER_VARIABLE} to the folder that has them."
        )


def packs_folder() -> Path:
    """Return the folder of the country packs: SOLIDARY_COUNTRIES, else `infra/countries` of this checkout.

    Raises CountriesFolderMissing.
    """
    return _existing(os.environ.get(FOLDER_VARIABLE) or str(_CHECKOUT))


@cache
def _existing(folder: str) -> Path:
    if not Path(folder).is_dir():
        raise CountriesFolderMissing(Path(folder))
    return Path(folder).resolve()


def countries() -> tuple[str, ...]:
    """Return the countries that have a pack, by their ISO 3166-1 alpha-2 codes; another one is one more file."""
    return _countries_in(packs_folder())


def load_pack(code: str) -> CountryPack:
    """Return the pack of a country. Raises KeyError where there is none, and InvalidPack."""
    return _load_from(packs_folder(), code)


@cache
def _countries_in(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in folder.iterdir() if _FILE_NAME.fullmatch(file.name)))


@cache
def _load_from(folder: Path, code: str) -> CountryPack:
    known = _countries_in(folder)
    if code not in known:
        raise KeyError(f"There is no country pack for {code!r}. Choose one of {', '.join(known)}.")
    file = folder / f"{code}.toml"
    if file.resolve().parent != folder:
        raise InvalidPack(f"{file} leads out of its folder. A country pack is a file of the folder itself.")
    try:
        pack = parse_pack(file.read_text(encoding="utf-8"))
    except (InvalidPack, OSError, UnicodeDecodeError) as error:
        raise InvalidPack(f"{file} is not a country pack:\n{error}") from error
    if pack.code != code:
        raise InvalidPack(
            f"{file} is not a country pack:\n/code: {pack.code} is not the code in the file's name."
        )
    return pack


def parse_pack(text: str) -> CountryPack:
    """Read a pack from its TOML text. Raises InvalidPack with the JSON pointer of every wrong entry."""
    try:
        table = tomllib.loads(text)
        for name, pathway in table.get("pathways", {}).items():
            pathway["id"] = name
        return CountryPack.model_validate(table)
    except tomllib.TOMLDecodeError as error:
        raise InvalidPack(str(error)) from error
    except ValidationError as error:
        faults = faults_of(error.errors())
        raise InvalidPack("\n".join(f"{fault.pointer}: {fault.detail}" for fault in faults)) from error
