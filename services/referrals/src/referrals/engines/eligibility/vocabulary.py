"""What a rule may ask for, and what a profile may hold: fields, and the codes that stand in them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TypeVar

import pycountry
from solidary.language.codes import specific_needs
from solidary.language.codes.code_list import CodeList
from solidary.language.codes.languages import Language
from solidary.language.codes.people import PopulationGroup, Sex
from solidary.language.codes.wording import Wording
from solidary.language.country import COUNTRIES, load_pack

V = TypeVar("V")


class Kind(Enum):
    """What a field holds. A place is a P-code, which begins with the codes of the areas that hold it."""

    NUMBER = "number"
    CODE = "code"
    CODES = "codes"
    PLACE = "place"


@dataclass(frozen=True)
class Field:
    """One field of a profile. A code list is whole, so that a rule cannot ask for a code that is not there.

    `withheld` are codes that exist and that no rule or profile may hold, with the reason.
    """

    name: str
    kind: Kind
    wording: Wording
    codes: Mapping[str, Wording]
    withheld: Mapping[str, str]

    def fault(self, code: str) -> str | None:
        """Why a code may not stand here; None where it may."""
        if self.kind is Kind.PLACE:
            return None if _P_CODE.fullmatch(code) else f"'{code}' is no P-code (PA13, PA1301)"
        if code in self.withheld:
            return f"'{code}' {self.withheld[code]}"
        if code not in self.codes:
            return f"{self.name} has no code '{code}'{near(code, self.codes)}"
        return None

    def worded(self, code: str) -> Wording:
        return self.codes.get(code, Wording(code, code))


_P_CODE = re.compile(r"[A-Z]{2}[0-9A-Z]{0,18}")

Vocabulary = Mapping[str, Field]

NEVER_ASKED = frozenset(
    {"immigration_status", "migration_status", "asylum_status", "legal_status", "status", "nationality"}
)
"""A person's status with the state is not everybody's: no rule asks for it, no profile holds it."""

TELLS_STATUS = frozenset(
    {"asylum_certificate", "refugee_card", "unhcr_certificate", "migration_card", "salvoconducto"}
    | {"ppt", "cpp", "ce", "mrf_card"}
)
"""Documents of the country packs that say as much as a status would."""


@cache
def vocabulary(country: str | None = None, *, with_status: bool = False) -> Vocabulary:
    """The fields of a country (ISO 3166-1), or those of all six together.

    `with_status` lets in the documents that tell a person's status with the state: for a body that receives
    it under consent for exactly that, never by default.
    """
    documents: dict[str, Wording] = {}
    for code in [country] if country else COUNTRIES:
        for name, document in load_pack(code).documents.items():
            documents.setdefault(name, document.name)
    withheld = {} if with_status else dict.fromkeys(documents.keys() & TELLS_STATUS, _STATUS)
    return {field.name: field for field in _fields(documents, withheld)}


_STATUS = "tells a person's status, which is not asked by default"


def _fields(documents: Mapping[str, Wording], status: Mapping[str, str]) -> Iterable[Field]:
    needs = specific_needs.load_specific_needs()
    restricted = dict.fromkeys(needs.codes, "is a restricted need, which no rule may ask for")
    ordinary = {code: needs.codes[code].wording for code in needs.suggestible_codes()}
    sexes = [code for code in Sex if code is not Sex.UNKNOWN]
    yield _number("age", "edad", "age")
    yield Field("sex", Kind.CODE, Wording("sexo", "sex"), _codes(sexes), {})
    yield Field(
        "population_group",
        Kind.CODE,
        Wording("grupo de población", "population group"),
        _codes(PopulationGroup),
        {},
    )
    yield Field("needs", Kind.CODES, Wording("necesidades", "needs"), ordinary, _but(restricted, ordinary))
    yield Field("area", Kind.PLACE, Wording("área", "area"), {}, {})
    yield Field("documents", Kind.CODES, Wording("documentos", "documents"), _but(documents, status), status)
    yield Field("languages", Kind.CODES, Wording("idiomas", "languages"), _languages(), {})
    yield _number("household_size", "personas en el hogar", "people in the household")
    yield _number("children", "menores de 18 años en el hogar", "children under 18 in the household")
    yield _number("children_under_5", "menores de 5 años en el hogar", "children under 5 in the household")


def _number(name: str, es: str, en: str) -> Field:
    return Field(name, Kind.NUMBER, Wording(es, en), {}, {})


def _codes(members: Iterable[CodeList]) -> dict[str, Wording]:
    return {str(code): code.wording for code in members}


def _but(wanted: Mapping[str, V], unwanted: Mapping[str, object]) -> dict[str, V]:
    return {name: value for name, value in wanted.items() if name not in unwanted}


def _languages() -> dict[str, Wording]:
    """ISO 639-3, with our own words for those spoken at the front desks."""
    world = {language.alpha_3: Wording(language.name, language.name) for language in pycountry.languages}
    return world | _codes(Language)


def near(name: str, known: Iterable[str]) -> str:
    """ "; did you mean …?" where something known is spelt alike."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
