"""The vocabulary of this package: the 619 groups of ISCO-08 with our own names, synonyms and regional words.

The codes are those of the International Standard Classification of Occupations (ILO, 2008). The names and synonyms
(`vocabulary/isco08.csv`) and the words of the region (`vocabulary/regional.csv`) are our own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from market.engines.skills.folding import Language
from market.engines.skills.labels import Label

LESS_LIKELY = 0.05
"""The weight that each next meaning of a regional word loses. Its likeliest meaning comes first."""

ENGLISH_SPEAKING = frozenset({"TT"})
"""The countries whose regional words are English."""


@dataclass(frozen=True)
class IscoGroup:
    """A group of ISCO-08. The code of a major group has one digit, that of a unit group four."""

    code: str
    es: str
    en: str


@cache
def groups() -> dict[str, IscoGroup]:
    """Return all 619 groups by code."""
    return {row["code"]: IscoGroup(row["code"], row["es"], row["en"]) for row in _vocabulary("isco08")}


def labels() -> Iterator[Label]:
    """Yield the names, synonyms and regional words of the 436 unit groups."""
    languages: tuple[Language, ...] = ("es", "en")
    for row in _vocabulary("isco08"):
        if len(row["code"]) == 4:
            for language in languages:
                for name in [row[language], *filter(None, row[f"also_{language}"].split("; "))]:
                    yield Label(name, language, row["code"])
    for row in _vocabulary("regional"):
        language = "en" if row["countries"] in ENGLISH_SPEAKING else "es"
        for position, code in enumerate(row["codes"].split()):
            yield Label(row["word"], language, code, 1 - LESS_LIKELY * position)


def _vocabulary(name: str) -> Iterator[dict[str, str]]:
    source = files("market.engines.skills") / "vocabulary" / f"{name}.csv"
    yield from csv.DictReader(source.read_text(encoding="utf-8").splitlines())
