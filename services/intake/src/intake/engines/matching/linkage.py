"""All pairs of records of one person, between two files or within one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from math import inf, log2
from typing import NamedTuple

from intake.engines.matching.alignment import align
from intake.engines.matching.blocking import BlockingIndex
from intake.engines.matching.comparison import compare, probability
from intake.engines.matching.names import is_known
from intake.engines.matching.person_record import PersonRecord

DEFAULT_THRESHOLD = 0.5
"""The score from which a pair is reported: one person is likelier than two."""

CHUNK_SIZE = 2000
"""Records looked up at a time; bounds the memory for candidates."""

OVERLAP_SHARE = 0.98
"""The matched share of the shorter file from which both files are taken to hold the same people."""

MINIMUM_RECORDS_FOR_OVERLAP = 1000
"""Records of the shorter file from which that share is reliable."""

MAXIMUM_OVERLAP_BITS = 12.0

COMMON_ERROR_SHARE = 0.01
"""The share of pairs with one document number that contradict in a part, from which the part is unreliable."""

COMMON_ERROR_MINIMUM = 10

ProgressCallback = Callable[[int, int], None]
"""Receives the number of records processed and the total."""


class Match(NamedTuple):
    """Rows of the two files (or two rows of one) that are one person, with the score and its explanation."""

    a: int
    b: int
    score: float
    explanation: str


class _ScoredPair(NamedTuple):
    bits: float
    a: int
    b: int


def _ignore_progress(done: int, total: int) -> None:
    pass


def match(
    a: Sequence[PersonRecord],
    b: Sequence[PersonRecord],
    *,
    threshold: float = DEFAULT_THRESHOLD,
    one_to_one: bool = True,
    on_progress: ProgressCallback = _ignore_progress,
) -> Iterator[Match]:
    """Yield the pairs of one person between two files, in the order of `a`, then of `b`.

    With `one_to_one` a record is in one pair at most. The best pairs are assigned first; the remaining records
    are then judged again, with the overlap of the files (see `_overlap_bits`) and the errors that are common in
    them (see `_are_distinct`).
    """
    minimum_bits = _bits(threshold)
    if not one_to_one:
        yield from (_explain(pair, a, b) for pair in _score(a, b, minimum_bits, on_progress))
        return
    scored = sorted(
        _score(a, b, minimum_bits - MAXIMUM_OVERLAP_BITS, on_progress),
        key=lambda pair: (-pair.bits, *pair[1:]),
    )
    assigned = _assign(scored, minimum_bits, [])
    overlap_bits = _overlap_bits(len(assigned), min(len(a), len(b)))
    first_round = len(assigned)
    if overlap_bits:
        errors = _common_errors(assigned, a, b)
        assigned = _assign(
            scored,
            minimum_bits - overlap_bits,
            assigned,
            lambda pair: _are_distinct(a[pair.a], b[pair.b], errors),
        )
    second_round = set(assigned[first_round:])
    for pair in sorted(assigned, key=lambda pair: (pair.a, pair.b)):
        yield _explain(pair, a, b, overlap_bits if pair in second_round else 0.0)


def dedupe(
    records: Sequence[PersonRecord],
    *,
    threshold: float = DEFAULT_THRESHOLD,
    on_progress: ProgressCallback = _ignore_progress,
) -> Iterator[Match]:
    """Yield the pairs of one person within a file, each once, the earlier record first."""
    pairs = _score(records, records, _bits(threshold), on_progress, same_file=True)
    yield from (_explain(pair, records, records) for pair in pairs)


def _score(
    a: Sequence[PersonRecord],
    b: Sequence[PersonRecord],
    minimum_bits: float,
    on_progress: ProgressCallback,
    *,
    same_file: bool = False,
) -> Iterator[_ScoredPair]:
    index = BlockingIndex(b)
    for start in range(0, len(a), CHUNK_SIZE):
        left, right = index.candidates(a[start : start + CHUNK_SIZE])
        for i, j in zip((left + start).tolist(), right.tolist(), strict=True):
            if not same_file or i < j:
                bits = compare(a[i], b[j]).bits
                if bits >= minimum_bits:
                    yield _ScoredPair(bits, i, j)
        on_progress(min(start + CHUNK_SIZE, len(a)), len(a))


def _assign(
    scored: Sequence[_ScoredPair],
    minimum_bits: float,
    assigned: list[_ScoredPair],
    is_forbidden: Callable[[_ScoredPair], bool] = lambda pair: False,
) -> list[_ScoredPair]:
    """Add the best pairs to those already assigned, each record once."""
    assigned = list(assigned)
    left, right = {pair.a for pair in assigned}, {pair.b for pair in assigned}
    for pair in scored:
        if pair.bits < minimum_bits:
            break
        if pair.a not in left and pair.b not in right and not is_forbidden(pair):
            assigned.append(pair)
            left.add(pair.a)
            right.add(pair.b)
    return assigned


def _overlap_bits(matched: int, records: int) -> float:
    """Return the bits added for two unmatched records where nearly everybody of one file is in the other.

    If they were two people, each would lack the match that a share r of all records has: a chance of (1−r)²,
    so the odds gain 2·log₂ 1/(1−r).
    """
    if records < MINIMUM_RECORDS_FOR_OVERLAP or not OVERLAP_SHARE * records <= matched < records:
        return 0.0
    return min(2 * log2(records / (records - matched)), MAXIMUM_OVERLAP_BITS)


def _common_errors(
    assigned: Sequence[_ScoredPair], a: Sequence[PersonRecord], b: Sequence[PersonRecord]
) -> frozenset[str]:
    """Return the parts that are often wrong in these files: people with one document number contradict in them."""
    same = [pair for pair in assigned if a[pair.a].document and a[pair.a].document == b[pair.b].document]
    counts = Counter(name for pair in same for name in _contradictions(a[pair.a], b[pair.b]))
    minimum = max(COMMON_ERROR_MINIMUM, COMMON_ERROR_SHARE * len(same))
    return frozenset(name for name, times in counts.items() if times >= minimum)


def _are_distinct(a: PersonRecord, b: PersonRecord, common_errors: frozenset[str]) -> bool:
    """Return whether two records are two relatives, however few others are unmatched.

    A different sex makes them distinct, and so do two different known given names. Any other contradiction does
    too, unless it is a common error of these files.
    """
    if a.sex and b.sex and a.sex != b.sex:
        return True
    if _contradictions(a, b) - common_errors:
        return True
    found = align(a.given, b.given, "given")
    return all(
        any(is_known(word, "given") for word in words) for words in (found.unmatched_a, found.unmatched_b)
    )


def _contradictions(a: PersonRecord, b: PersonRecord) -> set[str]:
    """Return the names and date of birth that are evidence against one person."""
    parts = ("given_name", "surname", "date_of_birth")
    return {part.name for part in compare(a, b).parts if part.name in parts and part.relative < 0}


def _bits(score: float) -> float:
    if score <= 0:
        return -inf
    return inf if score >= 1 else log2(score / (1 - score))


def _explain(
    pair: _ScoredPair, a: Sequence[PersonRecord], b: Sequence[PersonRecord], overlap_bits: float = 0.0
) -> Match:
    comparison = compare(a[pair.a], b[pair.b])
    if not overlap_bits:
        return Match(pair.a, pair.b, comparison.score, str(comparison))
    explanation = f"{comparison}; unmatched records of overlapping files {overlap_bits:+.1f}"
    return Match(pair.a, pair.b, probability(comparison.bits + overlap_bits), explanation)
