"""All pairs of one person, between two files or within one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from math import inf, log2
from typing import NamedTuple

from intake.engines.matching.alignment import align
from intake.engines.matching.blocking import Index
from intake.engines.matching.comparison import compare, probability
from intake.engines.matching.names import is_known
from intake.engines.matching.persons import Person

THRESHOLD = 0.5
"""The score from which a pair is written: rather one person than two."""

CHUNK = 2000
"""Persons looked up at a time; bounds the memory for candidates."""

OVERLAP = 0.98
"""The share of the shorter file from which two files are taken to hold the same people."""

ENOUGH_TO_KNOW = 1000
"""Records of the shorter file from which that share is believed."""

MOST_FOR_OVERLAP = 12.0

SEEN = 0.01
"""The share of pairs with one document number that contradict in a part, from which it is a mistake of the files."""

SEEN_AT_LEAST = 10

Tell = Callable[[int, int], None]


class Match(NamedTuple):
    """Rows of the two files (or twice of one) that are one person, with the score and what speaks for it."""

    a: int
    b: int
    score: float
    explanation: str


class _Scored(NamedTuple):
    bits: float
    a: int
    b: int


def match(
    a: Sequence[Person],
    b: Sequence[Person],
    *,
    threshold: float = THRESHOLD,
    one_to_one: bool = True,
    tell: Tell = lambda done, of: None,
) -> Iterator[Match]:
    """The pairs of one person between two files, in the order of `a`, then of `b`.

    With `one_to_one` a record is in one pair at most: the best pairs are taken first, and the records that
    are left are judged again, knowing how much the files overlap (see `_for_overlap`) and what mistakes they make
    (see `_told_apart`).
    """
    enough = _bits(threshold)
    if not one_to_one:
        yield from (_explain(pair, a, b) for pair in _score(a, b, enough, tell))
        return
    scored = sorted(_score(a, b, enough - MOST_FOR_OVERLAP, tell), key=lambda pair: (-pair.bits, *pair[1:]))
    taken = _assign(scored, enough, [])
    more = _for_overlap(len(taken), min(len(a), len(b)))
    first = len(taken)
    if more:
        mistakes = _mistakes(taken, a, b)
        taken = _assign(
            scored, enough - more, taken, lambda pair: _told_apart(a[pair.a], b[pair.b], mistakes)
        )
    late = set(taken[first:])
    for pair in sorted(taken, key=lambda pair: (pair.a, pair.b)):
        yield _explain(pair, a, b, more if pair in late else 0.0)


def dedupe(
    a: Sequence[Person], *, threshold: float = THRESHOLD, tell: Tell = lambda done, of: None
) -> Iterator[Match]:
    """The pairs of one person within a file, each once, the earlier record first."""
    yield from (_explain(pair, a, a) for pair in _score(a, a, _bits(threshold), tell, within=True))


def _score(
    a: Sequence[Person], b: Sequence[Person], enough: float, tell: Tell, *, within: bool = False
) -> Iterator[_Scored]:
    index = Index(b)
    for start in range(0, len(a), CHUNK):
        left, right = index.candidates(a[start : start + CHUNK])
        for i, j in zip((left + start).tolist(), right.tolist(), strict=True):
            if not within or i < j:
                bits = compare(a[i], b[j]).bits
                if bits >= enough:
                    yield _Scored(bits, i, j)
        tell(min(start + CHUNK, len(a)), len(a))


def _assign(
    scored: Sequence[_Scored],
    enough: float,
    taken: list[_Scored],
    forbidden: Callable[[_Scored], bool] = lambda pair: False,
) -> list[_Scored]:
    """The best pairs first, each record once, on top of those already taken."""
    taken = list(taken)
    left, right = {pair.a for pair in taken}, {pair.b for pair in taken}
    for pair in scored:
        if pair.bits < enough:
            break
        if pair.a not in left and pair.b not in right and not forbidden(pair):
            taken.append(pair)
            left.add(pair.a)
            right.add(pair.b)
    return taken


def _for_overlap(matched: int, of: int) -> float:
    """Bits for two records that are left over where nearly everybody of one file is in the other.

    Were they two people, each would lack the match that a share r of all records has: a chance of (1−r)²,
    so that the odds gain 2·log₂ 1/(1−r).
    """
    if of < ENOUGH_TO_KNOW or not OVERLAP * of <= matched < of:
        return 0.0
    return min(2 * log2(of / (of - matched)), MOST_FOR_OVERLAP)


def _mistakes(taken: Sequence[_Scored], a: Sequence[Person], b: Sequence[Person]) -> frozenset[str]:
    """The parts that these files are seen to get quite wrong: where people with one document number contradict."""
    same = [pair for pair in taken if a[pair.a].document and a[pair.a].document == b[pair.b].document]
    seen = Counter(name for pair in same for name in _contradictions(a[pair.a], b[pair.b]))
    enough = max(SEEN_AT_LEAST, SEEN * len(same))
    return frozenset(name for name, times in seen.items() if times >= enough)


def _told_apart(a: Person, b: Person, mistakes: frozenset[str]) -> bool:
    """Whether two records are two relatives, however few others are left.

    Another sex tells them apart, and so do given names that are known and others; what else contradicts, unless
    these files make such mistakes.
    """
    if a.sex and b.sex and a.sex != b.sex:
        return True
    if _contradictions(a, b) - mistakes:
        return True
    found = align(a.given, b.given, "given")
    return all(any(is_known(word, "given") for word in left) for left in (found.left_a, found.left_b))


def _contradictions(a: Person, b: Person) -> set[str]:
    """Names and date of birth that speak against one person."""
    parts = ("given_name", "surname", "date_of_birth")
    return {part.name for part in compare(a, b).parts if part.name in parts and part.relative < 0}


def _bits(score: float) -> float:
    if score <= 0:
        return -inf
    return inf if score >= 1 else log2(score / (1 - score))


def _explain(pair: _Scored, a: Sequence[Person], b: Sequence[Person], more: float = 0.0) -> Match:
    found = compare(a[pair.a], b[pair.b])
    if not more:
        return Match(pair.a, pair.b, found.score, str(found))
    said = f"{found}; left over from files that overlap {more:+.1f}"
    return Match(pair.a, pair.b, probability(found.bits + more), said)
