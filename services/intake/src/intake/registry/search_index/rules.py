"""The search keys of a person: values by which two records become candidates for one person.

One key in common makes a candidate. The sound of one name, a birthday or a telephone alone is shared by many people, so
each two of them are one key (`pair`): a look-up then reads a few people, however common a name is. One alone is a key
only where a search has nothing else (`single`). A *strong* key (a document; two names with the year of birth; a name
with a telephone; one name alone with the birthday, of a person who has no other) is shared by few: it also answers
whether
another agency may have the same person. A birthday on 1 January is what desks write where nobody knows the day: it
is no key.

Names in another script are indexed by their Latin letters. The same name in a script without vowels (Arabic), or in the
spelling of another language, is found by the `consonants` of two names with the year, or of one with the birthday.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations, pairwise, product
from typing import NamedTuple

from solidary.language.placeholders import is_conventional_birthday, is_placeholder

from intake.engines.matching.alignment import Words, join
from intake.engines.matching.consonants import consonants
from intake.engines.matching.names import NameKind, is_regional
from intake.engines.matching.person_record import PersonRecord
from intake.engines.matching.phonetics import phonetic_key

KEY_RULES_VERSION = 3
"""The version of the rules below. After it is raised, `python -m intake keys retoken` indexes everybody anew."""

MINIMUM_CONSONANTS = 2
"""The consonants of a name from which they are a search key with the birthday; with the year, two names need more."""


MAXIMUM_NAMES = 3
"""The given names, and the surnames, that are a search key by their consonants."""


class SearchKey(NamedTuple):
    """A value by which a person is found."""

    kind: str
    value: str
    is_strong: bool


class KnownDocument(NamedTuple):
    """The number of a document, and its kind and issuer where they are known."""

    number: str
    kind: str = ""
    issuer: str = ""


@dataclass(frozen=True)
class PersonDescription:
    """The known or requested attributes of a person; all of them may be missing."""

    given_name: str = ""
    surname: str = ""
    born: date | None = None
    sex: str = ""
    documents: tuple[KnownDocument, ...] = ()
    telephones: tuple[str, ...] = ()

    def to_record(self, compared_with: PersonDescription | None = None) -> PersonRecord:
        """Return the record for a comparison.

        Of several documents or telephones it has the one that `compared_with` has too, else the first.
        """
        others = (
            {_number(document.number) for document in compared_with.documents} if compared_with else set()
        )
        shared = (document for document in self.documents if _number(document.number) in others)
        document = next(shared, self.documents[0] if self.documents else KnownDocument(""))
        telephones = compared_with.telephones if compared_with else ()
        return PersonRecord.from_texts(
            given_name=self.given_name,
            surname=self.surname,
            date_of_birth=self.born.isoformat() if self.born else "",
            sex=self.sex if self.sex in ("female", "male") else "",
            document=document.number,
            document_kind=document.kind,
            document_issuer=document.issuer,
            telephone=next(
                (each for each in self.telephones if each in telephones), "".join(self.telephones[:1])
            ),
        )


def search_keys(person: PersonDescription) -> Iterator[SearchKey]:
    """Yield the search keys under which a person is indexed."""
    attributes = _attributes(person)
    for attribute in attributes.every:
        yield SearchKey("single", attribute, False)
    yield from _pairs(attributes)
    yield from _keys_of_parts(person, attributes, year_tolerance=0)


def wanted_keys(person: PersonDescription, *, year_tolerance: int) -> Iterator[SearchKey]:
    """Yield the search keys by which a person is found, also with a year of birth that is wrong by `year_tolerance`."""
    attributes = _attributes(person)
    if len(attributes.every) == 1 and not _numbers(person):
        yield SearchKey("single", attributes.every[0], False)
    yield from _pairs(attributes)
    yield from _keys_of_parts(person, attributes, year_tolerance)


class _Attributes(NamedTuple):
    """The sounds of names, telephones and the birthday of a person; `every` has all of them once.

    `consonants` are those of given names and of surnames that are no names of the region, `joined` those of two
    neighbouring names written as one.
    """

    given: set[str]
    family: set[str]
    telephones: set[str]
    birthday: set[str]
    every: list[str]
    consonants: tuple[set[str], set[str]]
    joined: set[str]


def _attributes(person: PersonDescription) -> _Attributes:
    record = person.to_record()
    surnames = (*record.surnames, *record.married)
    given, family = ({phonetic_key(word) for word in words} for words in (record.given, surnames))
    numbers = ("".join(filter(str.isdigit, number))[-8:] for number in person.telephones)
    telephones = {number for number in numbers if not is_placeholder(number)}
    born = person.born
    birthday = {born.isoformat()} if born and not is_conventional_birthday(born) else set[str]()
    foreign = _consonants_of_foreign(record.given, "given"), _consonants_of_foreign(surnames, "surname")
    joined = _consonants_of_joined(record.given, "given") | _consonants_of_joined(surnames, "surname")
    every = sorted(given | family | telephones | birthday)
    return _Attributes(given, family, telephones, birthday, every, foreign, joined)


def _consonants_of_foreign(words: Words, kind: NameKind) -> set[str]:
    """Return the consonants of the first words that are no names of the region."""
    foreign = [word for word in words if not is_regional(word, kind)]
    return {each for word in foreign[:MAXIMUM_NAMES] for each in consonants(word)}


def _consonants_of_joined(words: Words, kind: NameKind) -> set[str]:
    """Return the consonants of two neighbours, of which one is no name of the region, as one word: *Gulahmad*."""
    pairs = (pair for pair in pairwise(words) if not all(is_regional(word, kind) for word in pair))
    return {each for pair in pairs for each in consonants(join(pair))}


def _pairs(attributes: _Attributes) -> Iterator[SearchKey]:
    for first, second in combinations(attributes.every, 2):
        yield SearchKey("pair", f"{first} {second}", False)


def _keys_of_parts(
    person: PersonDescription, attributes: _Attributes, year_tolerance: int
) -> Iterator[SearchKey]:
    for key, number in product(attributes.given or attributes.family, attributes.telephones):
        yield SearchKey("name and telephone", f"{key} {number}", True)
    for number in _numbers(person):
        yield SearchKey("document", number, True)
    if not (attributes.given and attributes.family):
        for key, day in product(attributes.given | attributes.family, attributes.birthday):
            yield SearchKey("one name and birthday", f"{key} {day}", True)
    for each, day in product(attributes.joined.union(*attributes.consonants), attributes.birthday):
        if len(each) >= MINIMUM_CONSONANTS:
            yield SearchKey("consonants and birthday", f"{each} {day}", False)
    if person.born:
        years = range(person.born.year - year_tolerance, person.born.year + year_tolerance + 1)
        for first, second, year in product(attributes.given, attributes.family, years):
            yield SearchKey("names and year", f"{first} {second} {year}", True)
        for first, second, year in product(*attributes.consonants, years):
            if len(first + second) > MINIMUM_CONSONANTS:
                yield SearchKey("consonants and year", f"{first} {second} {year}", False)


def _numbers(person: PersonDescription) -> list[str]:
    return [_number(each.number) for each in person.documents if not is_placeholder(each.number)]


def _number(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
