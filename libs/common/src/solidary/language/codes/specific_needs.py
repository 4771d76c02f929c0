"""The list of specific needs, with the confidentiality tier of each code.

The list is a versioned file (`specific_needs.toml`) that a country may replace. This module reads it and refuses a list
that would disclose what must stay restricted.
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
    """The readers of a need: the front desk that serves the person, or only the specialist who recorded it."""

    ORDINARY = "ordinary"
    RESTRICTED = "restricted"


@dataclass(frozen=True)
class SpecificNeed:
    """A specific need, such as `CR-NE`. Retired codes occur in older records and are no longer recorded."""

    code: str
    group: str
    wording: Wording
    tier: ConfidentialityTier
    retired: bool = False


@dataclass(frozen=True)
class SpecificNeeds:
    """A version of the list."""

    version: str
    source: str
    groups: Mapping[str, Wording]
    codes: Mapping[str, SpecificNeed]

    def tier(self, code: str) -> ConfidentialityTier:
        """Return the tier of a code. A code that this version does not have is restricted."""
        need = self.codes.get(code)
        return need.tier if need else ConfidentialityTier.RESTRICTED

    def is_restricted(self, code: str) -> bool:
        """Return whether only specialists may see a code."""
        return self.tier(code) is ConfidentialityTier.RESTRICTED

    def suggestible_codes(self) -> frozenset[str]:
        """Return the codes that a questionnaire may suggest: the ordinary ones that are still in use."""
        return frozenset(
            code
            for code, need in self.codes.items()
            if need.tier is ConfidentialityTier.ORDINARY and not need.retired
        )


class InvalidNeedsList(ValueError):
    """A list of specific needs that is inconsistent, or that would disclose what must stay restricted."""


ALWAYS_RESTRICTED_GROUPS = frozenset({"SV", "TR"})
ALWAYS_RESTRICTED_CODES = frozenset({"CR-AF", "SC-UC"})


@cache
def load_specific_needs() -> SpecificNeeds:
    """Return the version of the list that ships with the platform."""
    return parse_specific_needs(
        files("solidary.language.codes").joinpath("specific_needs.toml").read_text(encoding="utf-8")
    )


def parse_specific_needs(text: str) -> SpecificNeeds:
    """Read a list from its TOML text.

    Raises InvalidNeedsList when a code has no group, tier or wording, or when a code that must be restricted in every
    version is not restricted.
    """
    table = tomllib.loads(text)
    groups = {code: _wording(code, row) for code, row in table["groups"].items()}
    codes = {code: _need(code, row, groups) for code, row in table["codes"].items()}
    return SpecificNeeds(table["version"], table["source"], groups, codes)


def _need(code: str, row: dict[str, object], groups: Mapping[str, Wording]) -> SpecificNeed:
    group = code.partition("-")[0]
    if group not in groups:
        raise InvalidNeedsList(f"{code}: the group {group} does not exist.")
    try:
        tier = ConfidentialityTier(str(row.get("tier")))
    except ValueError:
        raise InvalidNeedsList(
            f'{code}: the tier is {row.get("tier")!r} instead of "ordinary" or "restricted".'
        ) from None
    if tier is ConfidentialityTier.ORDINARY and (
        group in ALWAYS_RESTRICTED_GROUPS or code in ALWAYS_RESTRICTED_CODES
    ):
        raise InvalidNeedsList(f"{code}: this code must be restricted in every version of the list.")
    return SpecificNeed(code, group, _wording(code, row), tier, retired=bool(row.get("retired", False)))


def _wording(code: str, row: Mapping[str, object]) -> Wording:
    es, en = row.get("es"), row.get("en")
    if not (isinstance(es, str) and isinstance(en, str)):
        raise InvalidNeedsList(f"{code}: the wording is missing in Spanish (es) or in English (en).")
    return Wording(es, en)
