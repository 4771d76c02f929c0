"""From a name as written to the words that can be compared: case, accents, abbreviations, particles."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPANISH = ("de", "del", "dela", "delos", "delas", "la", "las", "los", "el", "y", "e", "i")
_OTHER = ("da", "do", "dos", "das", "di", "du", "van", "von", "der", "den")
PARTICLES = frozenset(_SPANISH + _OTHER)
"""Words between names that people add and drop: *de la Cruz* and *Cruz*, *Ortega y Gasset*."""

MARRIED = re.compile(r"(?<=\S)\s+(?:(?:vda|viuda)\.?\s+)?de\s+(?!la\b|las\b|los\b|el\b)(?=\S)")
"""Where a surname goes on with a husband's: *Pérez de González*, *Pérez vda. de González*.

*de la Cruz* at the end of a surname is more often a second surname, and is left as one.
"""

_WORD = re.compile(r"[a-zñü]+")
_ACCENTS = {accent: None for accent in range(0x0300, 0x0370) if chr(accent) not in "\u0303\u0308"}


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """Lower case without accents; ñ and ü stay, for they are sounds: `Muñoz Güell` → `muñoz güell`."""
    split = unicodedata.normalize("NFD", text.casefold()).translate(_ACCENTS)
    kept = unicodedata.normalize("NFC", split)
    return "".join(letter if letter in "ñü" else unicodedata.normalize("NFD", letter)[0] for letter in kept)


def words(text: str) -> tuple[str, ...]:
    """The words of a name in order, particles left out, unless nothing else is there."""
    every = _WORD.findall(fold(text))
    return tuple(word for word in every if word not in PARTICLES) or tuple(every)


def surnames(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Surnames of birth and, apart, those of a husband: `Pérez Gil de Mora` → (perez, gil), (mora)."""
    birth, *married = MARRIED.split(fold(text), maxsplit=1)
    return words(birth), words(married[0]) if married else ()
