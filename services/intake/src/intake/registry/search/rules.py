"""By what a person can be found, and what makes two records candidates for one person.

A *weak* mark (the sound of one name, a birthday, a telephone) is shared by many: two of them make a candidate.
A *strong* one (a document; two names with the year of birth; a name with a telephone) is shared by few: one is
enough, also to ask whether another agency knows somebody like this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import NamedTuple

from intake.engines.matching.person_record import PersonRecord
from intake.engines.matching.phonetics import phonetic_key

PROBABLE = 0.5
"""From this score on two records are more likely one person than not."""


class Mark(NamedTuple):
    """One thing by which a person is found."""

    kind: str
    said: str
    strong: bool


@dataclass(frozen=True)
class Described:
    """What is known of a person, or asked for; all of it may be missing."""

    given_name: str = ""
    surname: str = ""
    born: date | None = None
    sex: str = ""
    documents: tuple[str, ...] = ()
    telephones: tuple[str, ...] = ()

    def as_record(self, beside: Described | None = None) -> PersonRecord:
        """For comparison. Of several documents or telephones the one that `beside` has too, else the first."""
        return PersonRecord.from_texts(
            given_name=self.given_name,
            surname=self.surname,
            date_of_birth=self.born.isoformat() if self.born else "",
            sex=self.sex if self.sex in ("female", "male") else "",
            document=_shared(self.documents, beside.documents if beside else ()),
            telephone=_shared(self.telephones, beside.telephones if beside else ()),
        )


def marks(person: Described, *, years_beside: int = 0) -> Iterator[Mark]:
    """All marks of a person. A search allows the year of birth to be wrong by `years_beside`."""
    record = person.as_record()
    given = {phonetic_key(word) for word in record.given} or _as_written(person.given_name)
    family = {phonetic_key(word) for word in (*record.surnames, *record.married)} or _as_written(
        person.surname
    )
    telephones = {"".join(filter(str.isdigit, number))[-8:] for number in person.telephones}
    yield from (Mark("sound", key, False) for key in given | family)
    yield from (Mark("telephone", number, False) for number in telephones)
    yield from (Mark("name and telephone", f"{key} {n}", True) for key, n in product(given, telephones))
    for number in person.documents:
        yield Mark("document", "".join(filter(str.isalnum, number.casefold())), True)
    if person.born:
        yield Mark("birthday", person.born.isoformat(), False)
        years = range(person.born.year - years_beside, person.born.year + years_beside + 1)
        yield from (
            Mark("names and year", f"{first} {second} {year}", True)
            for first, second, year in product(given, family, years)
        )


def _as_written(name: str) -> set[str]:
    """The words of a name in letters whose sound we do not know."""
    return set(name.casefold().split())


def _shared(own: tuple[str, ...], others: tuple[str, ...]) -> str:
    return next((number for number in own if number in others), own[0] if own else "")
