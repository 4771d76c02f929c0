"""The catalogue of a language: English is the language of the code, Spanish is in `locale/es`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias

from babel.messages.pofile import read_po

LANGUAGES: Mapping[str, str] = {"es": "Español", "en": "English"}
"""The languages of the pages, each by its own name. The first is the default."""
DEFAULT = "es"
LOCALE = Path(__file__).parents[2] / "locale"

Translate: TypeAlias = Callable[[str], str]


def mark(text: str) -> str:
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the texts of a language by the English ones."""
    file = LOCALE / language / "LC_MESSAGES" / "messages.po"
    if not file.exists():
        return {}
    with file.open("rb") as opened:
        return {str(message.id): str(message.string) for message in read_po(opened) if message.id}


def translator(language: str) -> Translate:
    """Return the function that translates a text into a language; what has no translation stays English."""
    texts = catalogue(language)
    return lambda text: texts.get(text) or text


def has_text(language: str, text: str) -> bool:
    """Return true if a language has this text."""
    return language == "en" or bool(catalogue(language).get(text))


def preferred(accepted: str) -> str:
    """Return the language of a header `Accept-Language` that the pages have, by its order; Spanish where none fits."""
    for part in accepted.split(","):
        tag = part.partition(";")[0].strip().lower()[:2]
        if tag in LANGUAGES:
            return tag
    return DEFAULT
