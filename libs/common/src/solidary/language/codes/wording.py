"""Texts that people read, in Spanish and in English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """A text in the two languages that every page has."""

    es: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the text for a language tag (`es`, `es-PA`, `en-TT`): in Spanish for any language but English."""
        return self.en if language.split("-")[0].lower() == "en" else self.es
