"""The list of specific needs and the confidentiality tier that stands beside each of its codes.

The list is a file (`specific_needs.toml`), versioned and replaceable; this module reads and guards it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from solidary.language.codes.wording import Wording


class ConfidentialityTier(StrEnum):
    """Who may see a need: the desk that serves the person, or the specialist who recorded it."""

    ORDINARY = "ordinary"
    RESTRICTED = "restricted"


@dataclass(frozen=True)
class SpecificNeed:
    """One code, such as `CR-NE`. `retired` codes are read in older records, never written anew."""

    code: str
    group: str
    wording: Wording
    tier: ConfidentialityTier
    retired: bool = False


@dataclass(frozen=True)
class SpecificNeeds:
    """One version of the list."""

    version: str
    source: str
    groups: Mapping[str, Wording]
    codes: Mapping[str, SpecificNeed]

    def tier(self, code: str) -> ConfidentialityTier:
        """The tier of a code; a code that this version does not know is restricted."""
        need = self.codes.get(code)
        return need.tier if need else ConfidentialityTier.RESTRICTED

    def is_restricted(self, code: str) -> bool:
        return self.tier(code) is ConfidentialityTier.RESTRICTED

    def suggestible(self) -> frozenset[str]:
        """The codes that a questionnaire may suggest: ordinary, and still in use."""
        return frozenset(
            code
            for code, need in self.codes.items()
            if need.tier is ConfidentialityTier.ORDINARY and not need.retired
        )


class UnsafeList(ValueError):
    """A list of specific needs that would open what must stay closed, or that contradicts itself."""


ALWAYS_RESTRICTED_GROUPS = frozenset({"SV", "TR"})
ALWAYS_RESTRICTED_CODES = frozenset({"CR-AF", "SC-UC"})


@cache
def current_list() -> SpecificNeeds:
    """The version that ships with the platform."""
    return parse_list(
        files("solidary.language.codes").joinpath("specific_needs.toml").read_text(encoding="utf-8")
    )


def parse_list(text: str) -> SpecificNeeds:
    """A list from its TOML text.

    Raises UnsafeList where a code has no group, no tier or no wording, or where a code that must be
    restricted in every version is not.
    """
    table = tomllib.loads(text)
    groups = {code: _wording(code, row) for code, row in table["groups"].items()}
    codes = {code: _need(code, row, groups) for code, row in table["codes"].items()}
    return SpecificNeeds(table["version"], table["source"], groups, codes)


def _need(code: str, row: dict[str, object], groups: Mapping[str, Wording]) -> SpecificNeed:
    group = code.partition("-")[0]
    if group not in groups:
        raise UnsafeList(f"{code}: there is no group {group}")
    try:
        tier = ConfidentialityTier(str(row.get("tier")))
    except ValueError:
        raise UnsafeList(f"{code}: the tier is {row.get('tier')!r}, not ordinary or restricted") from None
    if tier is ConfidentialityTier.ORDINARY and (
        group in ALWAYS_RESTRICTED_GROUPS or code in ALWAYS_RESTRICTED_CODES
    ):
        raise UnsafeList(f"{code}: is restricted in every version of the list")
    return SpecificNeed(code, group, _wording(code, row), tier, retired=bool(row.get("retired", False)))


def _wording(code: str, row: Mapping[str, object]) -> Wording:
    es, en = row.get("es"), row.get("en")
    if not (isinstance(es, str) and isinstance(en, str)):
        raise UnsafeList(f"{code}: needs its words in both languages, es and en")
    return Wording(es, en)
