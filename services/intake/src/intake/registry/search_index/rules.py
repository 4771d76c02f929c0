"""The search keys of a person: values by which two records become candidates for one person.

A *weak* key (the sound of one name, a birthday, a telephone) is shared by many people: two of them make a
candidate. A *strong* key (a document; two names with the year of birth; a name with a telephone) is shared by few:
one is enough, also to ask whether another agency may have the same person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import NamedTuple

from intake.engines.matching.person_record import PersonRecord
from intake.engines.matching.phonetics import phonetic_key


class SearchKey(NamedTuple):
    """A value by which a person is found."""

    kind: str
    value: str
    is_strong: bool


@dataclass(frozen=True)
class PersonDescription:
    """The known or requested attributes of a person; all of them may be missing."""

    given_name: str = ""
    surname: str = ""
    born: date | None = None
    sex: str = ""
    documents: tuple[str, ...] = ()
    telephones: tuple[str, ...] = ()

    def to_record(self, compared_with: PersonDescription | None = None) -> PersonRecord:
        """Return the record for a comparison.

        Of several documents or telephones it has the one that `compared_with` has too, else the first.
        """
        return PersonRecord.from_texts(
            given_name=self.given_name,
            surname=self.surname,
            date_of_birth=self.born.isoformat() if self.born else "",
            sex=self.sex if self.sex in ("female", "male") else "",
            document=_common_or_first(self.documents, compared_with.documents if compared_with else ()),
            telephone=_common_or_first(self.telephones, compared_with.telephones if compared_with else ()),
        )


def search_keys(person: PersonDescription, *, year_tolerance: int = 0) -> Iterator[SearchKey]:
    """Yield the search keys of a person. A search tolerates a year of birth that is wrong by `year_tolerance`."""
    record = person.to_record()
    given = {phonetic_key(word) for word in record.given} or _written_words(person.given_name)
    family = {phonetic_key(word) for word in (*record.surnames, *record.married)}
    family = family or _written_words(person.surname)
    telephones = {"".join(filter(str.isdigit, number))[-8:] for number in person.telephones}
    yield from (SearchKey("sound", key, False) for key in given | family)
    yield from (SearchKey("telephone", number, False) for number in telephones)
    for key, number in product(given, telephones):
        yield SearchKey("name and telephone", f"{key} {number}", True)
    for number in person.documents:
        yield SearchKey("document", "".join(filter(str.isalnum, number.casefold())), True)
    if person.born:
        yield SearchKey("birthday", person.born.isoformat(), False)
        years = range(person.born.year - year_tolerance, person.born.year + year_tolerance + 1)
        for first, second, year in product(given, family, years):
            yield SearchKey("names and year", f"{first} {second} {year}", True)


def _written_words(name: str) -> set[str]:
    """Return the words of a name in a script without phonetic rules."""
    return set(name.casefold().split())


def _common_or_first(own: tuple[str, ...], others: tuple[str, ...]) -> str:
    return next((number for number in own if number in others), own[0] if own else "")
