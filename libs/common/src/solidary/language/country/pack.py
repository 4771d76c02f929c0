"""One country as one TOML file, read into typed values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError, field_validator, model_validator

from solidary.language.codes.languages import Language
from solidary.language.codes.pathways import PathwayKind
from solidary.language.codes.wording import Wording
from solidary.language.country.entry import PackEntry
from solidary.language.country.pathways import Pathway, Source

COUNTRIES = ("PA", "CO", "EC", "PE", "DO", "TT")
"""The six countries that ship with the platform (ISO 3166-1 alpha-2)."""


class InvalidPack(ValueError):
    """A country pack that cannot be read; the message names the entry and the reason."""


class Currency(PackEntry):
    """Money of the country. Amounts are whole numbers of minor units; payments are multiples of `payable`."""

    code: str
    minor_units: int
    payable: int = 1
    also_accepted: tuple[str, ...] = ()


class DocumentType(PackEntry):
    """A paper that a person may hold. `stdnum` names the python-stdnum module that checks its number."""

    name: Wording
    issuer: str
    identity: bool
    stdnum: str | None = None


class PaymentRail(PackEntry):
    """A way to pay and the file that it takes. A `template` is configured per bank."""

    name: Wording
    format: Literal["pain.001.001.09", "template"]
    sources: tuple[Source, ...]


class Publication(PackEntry):
    """How counts may be shown. `demand_map` is false where a public map would put people at risk."""

    k: int = 10
    demand_map: bool = True


class CountryPack(PackEntry):
    """A country: `pack("PA").currency.code == "PAB"`."""

    code: str
    name: Wording
    currency: Currency
    languages: tuple[Language, ...]
    timezone: str
    areas: tuple[Wording, ...]
    publication: Publication = Publication()
    documents: Mapping[str, DocumentType]
    routes: Mapping[str, Pathway]
    rails: Mapping[str, PaymentRail]

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except ZoneInfoNotFoundError as error:
            raise ValueError(f"not a time zone: {name}") from error
        return name

    @model_validator(mode="after")
    def _names_what_exists(self) -> CountryPack:
        for route in self.routes.values():
            if unknown := set(route.excludes) - set(self.routes):
                raise ValueError(f"{route.id}: excludes a route that is not there: {sorted(unknown)}")
            needed = {document for step in route.steps for document in step.documents}
            if unknown := needed - set(self.documents):
                raise ValueError(f"{route.id}: needs a document that is not there: {sorted(unknown)}")
        return self

    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def routes_of(self, kind: PathwayKind) -> tuple[Pathway, ...]:
        return tuple(route for route in self.routes.values() if route.kind == kind)


@cache
def load_pack(code: str) -> CountryPack:
    """The pack of a country that ships with the platform. Raises KeyError for another one."""
    if code not in COUNTRIES:
        raise KeyError(f"no pack for {code!r}; there are {', '.join(COUNTRIES)}")
    return parse_pack(
        files("solidary.language.country").joinpath("packs", f"{code}.toml").read_text(encoding="utf-8")
    )


def parse_pack(text: str) -> CountryPack:
    """A pack from its TOML text. Raises BrokenPack with the pointer of every wrong entry."""
    try:
        table = tomllib.loads(text)
        for name, route in table.get("routes", {}).items():
            route["id"] = name
        return CountryPack.model_validate(table)
    except tomllib.TOMLDecodeError as error:
        raise InvalidPack(str(error)) from error
    except ValidationError as error:
        wrong = ("/" + "/".join(map(str, item["loc"])) + ": " + item["msg"] for item in error.errors())
        raise InvalidPack("; ".join(wrong)) from error
