"""The search keys of a person: values by which two records become candidates for one person.

One key in common makes a candidate. The sound of one name, a birthday or a telephone alone is shared by many people, so
each two of them are one key (`pair`): a look-up then reads a few people, however common a name is. One alone is a key
only where a search has nothing else (`single`). A *strong* key (a document; two names with the year of birth; a name
with a telephone) is shared by few: it also answers whether another agency may have the same person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations, product
from typing import NamedTuple

from intake.engines.matching.person_record import PersonRecord
from intake.engines.matching.phonetics import phonetic_key
from intake.engines.matching.spelling import MAX_WORDS


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


def search_keys(person: PersonDescription) -> Iterator[SearchKey]:
    """Yield the search keys under which a person is indexed."""
    attributes = _attributes(person)
    for attribute in attributes.every:
        yield SearchKey("single", attribute, False)
    yield from _pairs(attributes)
    yield from _strong_keys(person, attributes, year_tolerance=0)


def wanted_keys(person: PersonDescription, *, year_tolerance: int) -> Iterator[SearchKey]:
    """Yield the search keys by which a person is found, also with a year of birth that is wrong by `year_tolerance`."""
    attributes = _attributes(person)
    if len(attributes.every) == 1 and not person.documents:
        yield SearchKey("single", attributes.every[0], False)
    yield from _pairs(attributes)
    yield from _strong_keys(person, attributes, year_tolerance)


class _Attributes(NamedTuple):
    """The sounds of names, telephones and the birthday of a person; `every` has all of them once."""

    given: set[str]
    family: set[str]
    telephones: set[str]
    every: list[str]


def _attributes(person: PersonDescription) -> _Attributes:
    record = person.to_record()
    given = {phonetic_key(word) for word in record.given} or _written_words(person.given_name)
    family = {phonetic_key(word) for word in (*record.surnames, *record.married)}
    family = family or _written_words(person.surname)
    telephones = {"".join(filter(str.isdigit, number))[-8:] for number in person.telephones}
    birthday = {person.born.isoformat()} if person.born else set()
    return _Attributes(given, family, telephones, sorted(given | family | telephones | birthday))


def _pairs(attributes: _Attributes) -> Iterator[SearchKey]:
    for first, second in combinations(attributes.every, 2):
        yield SearchKey("pair", f"{first} {second}", False)


def _strong_keys(
    person: PersonDescription, attributes: _Attributes, year_tolerance: int
) -> Iterator[SearchKey]:
    for key, number in product(attributes.given, attributes.telephones):
        yield SearchKey("name and telephone", f"{key} {number}", True)
    for number in person.documents:
        yield SearchKey("document", "".join(filter(str.isalnum, number.casefold())), True)
    if person.born:
        years = range(person.born.year - year_tolerance, person.born.year + year_tolerance + 1)
        for first, second, year in product(attributes.given, attributes.family, years):
            yield SearchKey("names and year", f"{first} {second} {year}", True)


def _written_words(name: str) -> set[str]:
    """Return the first words of a name in a script without phonetic rules."""
    return set(name.casefold().split()[:MAX_WORDS])


def _common_or_first(own: tuple[str, ...], others: tuple[str, ...]) -> str:
    return next((number for number in own if number in others), own[0] if own else "")
