"""The fields of a profile, with the codes that they may hold: the vocabulary of rules and profiles."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import TypeAlias, TypeVar

import pycountry
from solidary.language.codes import specific_needs
from solidary.language.codes.code_list import CodeList
from solidary.language.codes.languages import Language
from solidary.language.codes.people import PopulationGroup, Sex
from solidary.language.codes.wording import Wording
from solidary.language.country import countries, load_pack

V = TypeVar("V")


class FieldKind(Enum):
    """The types of values. An area is a P-code, which begins with the codes of the areas that contain it."""

    NUMBER = "number"
    CODE = "code"
    CODES = "codes"
    AREA = "area"


@dataclass(frozen=True)
class ProfileField:
    """One field of a profile.

    `codes` is the complete list, so that a rule cannot name a code that does not exist. `withheld` are codes that
    exist and that no rule or profile may contain, each with the sentence that refuses it.
    """

    name: str
    kind: FieldKind
    wording: Wording
    codes: Mapping[str, Wording] = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)

    def refusal(self, code: str) -> str | None:
        """Return the sentence that refuses a code, or None where the field may hold it."""
        if self.kind is FieldKind.AREA:
            return None if _P_CODE.fullmatch(code) else f"'{code}' is not a P-code, such as PA13 or PA1301."
        if code in self.withheld:
            return self.withheld[code]
        if code not in self.codes:
            return f"The field {self.name} has no code '{code}'.{suggest_spelling(code, self.codes)}"
        return None

    def wording_of(self, code: str) -> Wording:
        """Return the words for a code: those of its list, or the code itself."""
        return self.codes.get(code, Wording(code, code))


_P_CODE = re.compile(r"[A-Z]{2}[0-9A-Z]{0,18}")

Vocabulary: TypeAlias = Mapping[str, ProfileField]

STATUS_FIELDS = frozenset(
    {"immigration_status", "migration_status", "asylum_status", "legal_status", "status", "nationality"}
)
"""Names of fields that do not exist on purpose: no rule asks for a person's legal status (decision 0011)."""

STATUS_DOCUMENTS = frozenset(
    {"asylum_certificate", "refugee_card", "unhcr_certificate", "migration_card", "salvoconducto"}
    | {"ppt", "cpp", "ce", "mrf_card"}
)
"""Documents of the country packs that reveal a person's legal status."""


@cache
def load_vocabulary(country: str | None = None, *, with_status: bool = False) -> Vocabulary:
    """Return the fields of a country (ISO 3166-1 alpha-2), or those of all countries together.

    `with_status` admits the documents that reveal a person's legal status: only for a body that receives them
    under a consent for exactly that purpose (decision 0011).
    """
    documents: dict[str, Wording] = {}
    for code in [country] if country else countries():
        for name, document in load_pack(code).documents.items():
            documents.setdefault(name, document.name)
    withheld = {
        name: f"'{name}' reveals a person's legal status, which eligibility never depends on."
        for name in documents
        if name in STATUS_DOCUMENTS and not with_status
    }
    return {each.name: each for each in _fields(documents, withheld)}


def _fields(documents: Mapping[str, Wording], withheld: Mapping[str, str]) -> Iterable[ProfileField]:
    needs = specific_needs.load_specific_needs()
    ordinary = {code: needs.codes[code].wording for code in needs.suggestible_codes()}
    restricted = {
        code: f"'{code}' is a restricted need. No rule or profile may contain it."
        for code in needs.codes
        if code not in ordinary
    }
    sexes = [code for code in Sex if code is not Sex.UNKNOWN]
    group = Wording("grupo de población", "population group")
    yield _number("age", "edad", "age")
    yield ProfileField("sex", FieldKind.CODE, Wording("sexo", "sex"), _wordings(sexes))
    yield ProfileField("population_group", FieldKind.CODE, group, _wordings(PopulationGroup))
    yield ProfileField("needs", FieldKind.CODES, Wording("necesidades", "needs"), ordinary, restricted)
    yield ProfileField("area", FieldKind.AREA, Wording("área", "area"))
    yield ProfileField(
        "documents",
        FieldKind.CODES,
        Wording("documentos", "documents"),
        _without(documents, withheld),
        withheld,
    )
    yield ProfileField("languages", FieldKind.CODES, Wording("idiomas", "languages"), _languages())
    yield _number("household_size", "personas en el hogar", "people in the household")
    yield _number("children", "menores de 18 años en el hogar", "children under 18 in the household")
    yield _number("children_under_5", "menores de 5 años en el hogar", "children under 5 in the household")


def _number(name: str, es: str, en: str) -> ProfileField:
    return ProfileField(name, FieldKind.NUMBER, Wording(es, en))


def _wordings(members: Iterable[CodeList]) -> dict[str, Wording]:
    return {str(code): code.wording for code in members}


def _without(values: Mapping[str, V], excluded: Mapping[str, object]) -> dict[str, V]:
    return {name: value for name, value in values.items() if name not in excluded}


def _languages() -> dict[str, Wording]:
    """Return ISO 639-3, with our own Spanish and English words for the languages spoken at the front desks."""
    world = {language.alpha_3: Wording(language.name, language.name) for language in pycountry.languages}
    return world | _wordings(Language)


def suggest_spelling(name: str, known: Iterable[str]) -> str:
    """Return the question « Did you mean …?», after a space, where a known name is spelt similarly; else nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean '{close[0]}'?" if close else ""
