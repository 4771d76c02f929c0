"""ISCO-08 as the package carries it: its 619 groups named in our own words, and what people call them.

The codes are those of the International Standard Classification of Occupations (ILO, 2008). The names, the
synonyms (`vocabulary/isco08.csv`) and the words of the region (`vocabulary/regional.csv`) are ours.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from market.engines.skills.folding import Language
from market.engines.skills.labels import Label

#: A word of the region may name several trades, the likeliest first: each next one is worth this much less.
LESS_LIKELY = 0.05
ENGLISH_SPEAKING = frozenset({"TT"})


@dataclass(frozen=True)
class Group:
    """A group of ISCO-08: one digit for a major group, four for a unit group."""

    code: str
    es: str
    en: str


@cache
def groups() -> dict[str, Group]:
    """All 619 groups by code."""
    return {row["code"]: Group(row["code"], row["es"], row["en"]) for row in _vocabulary("isco08")}


def labels() -> Iterator[Label]:
    """What the 436 unit groups are called: their names, synonyms, and words of the region."""
    languages: tuple[Language, ...] = ("es", "en")
    for row in _vocabulary("isco08"):
        if len(row["code"]) == 4:
            for language in languages:
                for name in [row[language], *filter(None, row[f"also_{language}"].split("; "))]:
                    yield Label(name, language, row["code"])
    for row in _vocabulary("regional"):
        language = "en" if row["countries"] in ENGLISH_SPEAKING else "es"
        for place, code in enumerate(row["codes"].split()):
            yield Label(row["word"], language, code, 1 - LESS_LIKELY * place)


def _vocabulary(name: str) -> Iterator[dict[str, str]]:
    source = files("market.engines.skills") / "vocabulary" / f"{name}.csv"
    yield from csv.DictReader(source.read_text(encoding="utf-8").splitlines())
