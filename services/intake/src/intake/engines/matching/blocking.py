"""Blocking: the pairs worth comparing, when there are too many to compare all.

Every record has several keys, and two records with a key in common are compared. A key combines a few parts of
a record (the sound of a name, the year, the day, a number, a street) that together are rare enough: a rare name
with the year is enough, a common one needs more. So common and rare names cost about the same, and a record is
found although only a few of its parts are right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import combinations
from math import log2

import numpy as np
import numpy.typing as npt

from intake.engines.matching.names import agreement_weight
from intake.engines.matching.person_record import PersonRecord
from intake.engines.matching.phonetics import phonetic_key

MAXIMUM_KEY_PARTS = 4

MAXIMUM_BLOCK_SIZE = 1000
"""A key that more records than this share in one file is ignored; rarer keys find them."""

ADDRESS_KEY_BITS = {"street_number": 5.0, "address_1": 8.0, "address_2": 8.0, "suburb": 6.5, "postcode": 6.5}

RowNumbers = npt.NDArray[np.int64]


def minimum_key_bits(records: int) -> float:
    """Return the bits that a key needs among so many records: half a record by chance, but at least 12."""
    return max(12.0, log2(max(records, 1)) + 1.0)


def blocking_keys(record: PersonRecord, minimum_bits: float) -> Iterator[str]:
    """Yield the keys of a record: sets of parts with enough bits, none of which could be left out."""
    parts = sorted(_key_parts(record).items())
    if parts and sum(bits for _, bits in parts) < minimum_bits:
        yield " ".join(name for name, _ in parts)
    for size in range(1, MAXIMUM_KEY_PARTS + 1):
        for some in combinations(parts, size):
            total = sum(bits for _, bits in some)
            if total >= minimum_bits and total - min(bits for _, bits in some) < minimum_bits:
                yield " ".join(name for name, _ in some)


def _key_parts(record: PersonRecord) -> dict[str, float]:
    """Return the parts of a record with their bits. A name gives the same part in every field."""
    parts = {phonetic_key(word): agreement_weight(word, "given") for word in record.given if len(word) > 1}
    family = (*record.surnames, *record.married)
    parts |= {phonetic_key(word): agreement_weight(word, "surname") for word in family}
    if record.born:
        parts[f"y{record.born.year}"] = 6.0
        if not record.born.is_estimate:
            first, second = sorted((record.born.month, record.born.day))
            parts[f"d{first}/{second}"] = 8.0
    if record.document:
        parts[f"n{record.document}"] = 20.0
    if record.telephone:
        parts[f"t{record.telephone}"] = 16.0
    address = record.address
    return parts | {
        f"{name}={address[name]}": bits for name, bits in ADDRESS_KEY_BITS.items() if name in address
    }


def _hash(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little")


class BlockingIndex:
    """The sorted keys of one file, in which records of another file are looked up, some at a time."""

    def __init__(self, records: Sequence[PersonRecord]):
        self._minimum_bits = minimum_key_bits(len(records))
        hashes, rows = _hashed_keys(records, self._minimum_bits)
        order = np.lexsort((rows, hashes))
        self._hashes, self._rows = hashes[order], rows[order]

    def candidates(self, records: Sequence[PersonRecord]) -> tuple[RowNumbers, RowNumbers]:
        """Return the pairs (position in `records`, row of the index) with a key in common, each once, in order."""
        hashes, rows = _hashed_keys(records, self._minimum_bits)
        first = np.searchsorted(self._hashes, hashes, side="left")
        counts = np.searchsorted(self._hashes, hashes, side="right") - first
        counts[counts > MAXIMUM_BLOCK_SIZE] = 0
        left = np.repeat(rows, counts)
        start = np.repeat(first - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
        right = self._rows[start + np.arange(len(left))]
        size = int(self._rows.max(initial=0)) + 1
        unique = np.unique(left * size + right)
        return unique // size, unique % size


def _hashed_keys(
    records: Iterable[PersonRecord], minimum_bits: float
) -> tuple[npt.NDArray[np.uint64], RowNumbers]:
    hashes: list[int] = []
    rows: list[int] = []
    for row, record in enumerate(records):
        own = [_hash(key) for key in blocking_keys(record, minimum_bits)]
        hashes += own
        rows += [row] * len(own)
    return np.array(hashes, dtype=np.uint64), np.array(rows, dtype=np.int64)
