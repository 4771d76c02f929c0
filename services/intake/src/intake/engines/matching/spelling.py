"""Normalisation of names as written: case, accents, particles, and the surname of a husband."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPANISH = ("de", "del", "dela", "delos", "delas", "la", "las", "los", "el", "y", "e", "i")
_OTHER = ("da", "do", "dos", "das", "di", "du", "van", "von", "der", "den")
PARTICLES = frozenset(_SPANISH + _OTHER)
"""Words between names that people add and drop: *de la Cruz* and *Cruz*, *Ortega y Gasset*."""

MARRIED_NAME = re.compile(r"(?<=\S)\s+(?:(?:vda|viuda)\.?\s+)?de\s+(?!la\b|las\b|los\b|el\b)(?=\S)")
"""The words that introduce a husband's surname: *Pérez de González*, *Pérez vda. de González*.

*de la Cruz* at the end of a surname is more often a second surname, and is kept as one.
"""

MAX_CHARACTERS = 400
"""The characters of a field that are compared: no name is longer, and a longer text would cost more than its size."""
MAX_WORDS = 12
"""The words of a name that are compared."""

_WORD = re.compile(r"[a-zñü]+")
_ACCENTS = {accent: None for accent in range(0x0300, 0x0370) if chr(accent) not in "\u0303\u0308"}


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """Return the text in lower case without accents; ñ and ü are kept, for they are sounds.

    `Muñoz Güell` becomes `muñoz güell`.
    """
    split = unicodedata.normalize("NFD", text.casefold()).translate(_ACCENTS)
    kept = unicodedata.normalize("NFC", split)
    return "".join(letter if letter in "ñü" else unicodedata.normalize("NFD", letter)[0] for letter in kept)


def name_words(text: str) -> tuple[str, ...]:
    """Return the first MAX_WORDS words of a name, without particles unless it has nothing else."""
    every = _WORD.findall(fold(text[:MAX_CHARACTERS]))
    return tuple([word for word in every if word not in PARTICLES] or every)[:MAX_WORDS]


def split_surnames(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the surnames at birth and those of a husband: `Pérez Gil de Mora` → (perez, gil), (mora)."""
    birth, *married = MARRIED_NAME.split(fold(text[:MAX_CHARACTERS]), maxsplit=1)
    return name_words(birth), name_words(married[0]) if married else ()
