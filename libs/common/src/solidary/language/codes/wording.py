"""What a person reads, in Spanish and in English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """The same words in the two languages that every page has."""

    es: str
    en: str

    def in_language(self, language: str) -> str:
        """The words for a language tag (`es`, `es-PA`, `en-TT`); Spanish where we have no such language."""
        return self.en if language.split("-")[0].lower() == "en" else self.es
