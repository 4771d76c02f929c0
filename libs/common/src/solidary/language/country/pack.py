"""A country pack: one TOML file per country, read into typed values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator, model_validator

from solidary.language.codes.code_list import CodeList
from solidary.language.codes.languages import Language
from solidary.language.codes.pathways import PathwayKind
from solidary.language.codes.wording import Wording
from solidary.language.country.entry import PackEntry
from solidary.language.country.pathways import Pathway, Source
from solidary.language.validation import faults_of

_PACKS = files("solidary.language.country") / "packs"

COUNTRIES = tuple(sorted(file.name.removesuffix(".toml") for file in _PACKS.iterdir()))
"""The countries that have a pack, by their ISO 3166-1 alpha-2 codes; another one is one more file."""


class InvalidPack(ValueError):
    """A country pack that cannot be read. The message names each wrong entry and the reason."""


class Currency(PackEntry):
    """The currency of a country.

    Amounts are whole numbers of minor units, and payments are multiples of `payable`.
    """

    code: str
    minor_units: int
    payable: int = 1
    also_accepted: tuple[str, ...] = ()


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
    sources: tuple[Source, ...]


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


@cache
def load_pack(code: str) -> CountryPack:
    """Return the pack of a country that ships with the platform. Raises KeyError for any other country."""
    if code not in COUNTRIES:
        raise KeyError(f"There is no country pack for {code!r}. Choose one of {', '.join(COUNTRIES)}.")
    return parse_pack((_PACKS / f"{code}.toml").read_text(encoding="utf-8"))


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
