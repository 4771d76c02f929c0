"""Which pairs are worth comparing, when there are too many to compare them all.

Every person is given keys, and two persons with a key in common are compared. A key is made of a few parts of
a record (the sound of a name, the year, the day, a number, a street), taken so that they are together rare
enough: a rare name with the year will do, a common one needs more. So common and rare names cost about the
same, and a record needs only a few parts right to be found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import combinations
from math import log2

import numpy as np
import numpy.typing as npt

from intake.engines.matching import sound
from intake.engines.matching.names import worth
from intake.engines.matching.persons import Person

LARGEST_KEY = 4
"""Parts in a key, at most."""

CROWD = 1000
"""A key that more people than this share in one file is no key: others will find them."""

PLACE_BITS = {"street_number": 5.0, "address_1": 8.0, "address_2": 8.0, "suburb": 6.5, "postcode": 6.5}

Rows = npt.NDArray[np.int64]


def rare_enough(people: int) -> float:
    """Bits that a key must promise among so many people: half a person by chance, but no fewer than 12."""
    return max(12.0, log2(max(people, 1)) + 1.0)


def keys(person: Person, enough: float) -> Iterator[str]:
    """The keys of one person: sets of parts that promise enough, none of which could be spared."""
    parts = sorted(_parts(person).items())
    if parts and sum(bits for _, bits in parts) < enough:
        yield " ".join(name for name, _ in parts)
    for size in range(1, LARGEST_KEY + 1):
        for some in combinations(parts, size):
            total = sum(bits for _, bits in some)
            if total >= enough and total - min(bits for _, bits in some) < enough:
                yield " ".join(name for name, _ in some)


def _parts(person: Person) -> dict[str, float]:
    """Parts of a record by name, with the bits that each promises. Names are alike in every field."""
    parts = {sound.key(word): worth(word, "given") for word in person.given if len(word) > 1}
    parts |= {sound.key(word): worth(word, "surname") for word in (*person.surnames, *person.married)}
    if person.born:
        parts[f"y{person.born.year}"] = 6.0
        if not person.born.is_estimate:
            first, second = sorted((person.born.month, person.born.day))
            parts[f"d{first}/{second}"] = 8.0
    if person.document:
        parts[f"n{person.document}"] = 20.0
    if person.telephone:
        parts[f"t{person.telephone}"] = 16.0
    place = person.place
    return parts | {f"{name}={place[name]}": bits for name, bits in PLACE_BITS.items() if name in place}


def _hash(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little")


class Index:
    """The keys of one file, sorted, so that another file can be looked up in it, some rows at a time."""

    def __init__(self, persons: Sequence[Person]):
        self._enough = rare_enough(len(persons))
        hashes, rows = _columns(persons, self._enough)
        order = np.lexsort((rows, hashes))
        self._hashes, self._rows = hashes[order], rows[order]

    def candidates(self, persons: Sequence[Person]) -> tuple[Rows, Rows]:
        """Pairs (position in `persons`, row of the index) with a key in common, each once, in order."""
        hashes, rows = _columns(persons, self._enough)
        first = np.searchsorted(self._hashes, hashes, side="left")
        many = np.searchsorted(self._hashes, hashes, side="right") - first
        many[many > CROWD] = 0
        left = np.repeat(rows, many)
        start = np.repeat(first - np.concatenate(([0], np.cumsum(many)[:-1])), many)
        right = self._rows[start + np.arange(len(left))]
        size = int(self._rows.max(initial=0)) + 1
        both = np.unique(left * size + right)
        return both // size, both % size


def _columns(persons: Iterable[Person], enough: float) -> tuple[npt.NDArray[np.uint64], Rows]:
    hashes: list[int] = []
    rows: list[int] = []
    for row, person in enumerate(persons):
        own = [_hash(key) for key in keys(person, enough)]
        hashes += own
        rows += [row] * len(own)
    return np.array(hashes, dtype=np.uint64), np.array(rows, dtype=np.int64)
