"""A person as far as matching is concerned: normalised once, compared often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from intake.engines.matching import births, names, spelling
from intake.engines.matching.births import Birth
from intake.engines.matching.spelling import fold

PLACE = ("street_number", "address_1", "address_2", "suburb", "postcode", "state")


@dataclass(frozen=True, slots=True)
class Person:
    """Names as comparable words, birth, and whatever else is known; all of it optional."""

    given: tuple[str, ...] = ()
    surnames: tuple[str, ...] = ()
    married: tuple[str, ...] = ()
    born: Birth | None = None
    sex: str = ""
    document: str = ""
    telephone: str = ""
    place: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        *,
        given_name: str = "",
        surname: str = "",
        second_surname: str = "",
        date_of_birth: str = "",
        sex: str = "",
        document: str = "",
        telephone: str = "",
        **place: str,
    ) -> Person:
        """From the texts of a form or a file; `place` takes the columns named in PLACE.

        Both surnames may stand in `surname`, or the second apart.
        """
        birth, married = spelling.surnames(f"{surname} {second_surname}".strip())
        return cls(
            given=names.in_full(spelling.words(given_name)),
            surnames=names.in_full(birth),
            married=married,
            born=births.parse(date_of_birth),
            sex=fold(sex.strip())[:1],
            document="".join(letter for letter in document.casefold() if letter.isalnum()),
            telephone="".join(letter for letter in telephone if letter.isdigit())[-8:],
            place={name: folded for name, text in place.items() if (folded := fold(text.strip()))},
        )
