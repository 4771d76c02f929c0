"""The alignment of the words of two names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from intake.engines.matching.names import NameKind, Similarity, agreement_weight, is_misspelling, similarity
from intake.engines.matching.phonetics import phonetic_key
from intake.engines.matching.romanisation import are_spellings_of_one_name
from intake.engines.matching.spelling import UNVOCALISED, is_unvocalised

Words = tuple[str, ...]


class WordPair(NamedTuple):
    """Two corresponding words, and the weight of their agreement in bits."""

    a: str
    b: str
    similarity: Similarity
    bits: float

    def __str__(self) -> str:
        return self.a if self.a == self.b else f"{self.a} ~ {self.b}, {self.similarity.name.lower()}"


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs of corresponding words, and the words of either side without one."""

    pairs: tuple[WordPair, ...]
    unmatched_a: Words
    unmatched_b: Words
    is_reordered: bool = False

    @property
    def bits(self) -> float:
        return sum(pair.bits for pair in self.pairs)


@lru_cache(maxsize=1 << 18)
def align(a: Words, b: Words, kind: NameKind) -> Alignment:
    """Pair the words of two names, the best pairs first, each word once.

    *Ana María* and *Anamaría* are one name, written together or not, also where other names stand beside.
    """
    if len(a) != len(b) and a and b and (joined := _align_joined(a, b, kind)):
        return joined
    if a != b:
        a, b = _join_as_in(a, b, kind), _join_as_in(b, a, kind)
    found = sorted(
        (-pair.bits, abs(i - j), i, j, pair)
        for i, word_a in enumerate(a)
        for j, word_b in enumerate(b)
        if (pair := _pair(word_a, word_b, kind))
    )
    taken_a: dict[int, int] = {}
    taken_b: set[int] = set()
    pairs = []
    for _, _, i, j, pair in found:
        if i not in taken_a and j not in taken_b:
            taken_a[i] = j
            taken_b.add(j)
            pairs.append(pair)
    order = [taken_a[i] for i in sorted(taken_a)]
    return Alignment(
        pairs=tuple(pairs),
        unmatched_a=tuple(word for i, word in enumerate(a) if i not in taken_a),
        unmatched_b=tuple(word for j, word in enumerate(b) if j not in taken_b),
        is_reordered=order != sorted(order),
    )


def _pair(a: str, b: str, kind: NameKind) -> WordPair | None:
    """Pair two similar words; the commoner of the two sets the weight, less the value of their similarity."""
    relation = similarity(a, b, kind)
    if relation is None:
        return None
    weight = min(agreement_weight(a, kind), agreement_weight(b, kind))
    return WordPair(a, b, relation, max(weight - relation.value, 0.5))


def _join_as_in(words: Words, other: Words, kind: NameKind) -> Words:
    """Write two neighbouring words as one where the other name has them so: (rahim, ullah) beside (rahimullah)."""
    for place in range(len(words) - 1):
        pair = words[place : place + 2]
        joined = join(pair)
        if len(joined) >= 5 and any(_is_joined(joined, word, kind) for word in other if word not in pair):
            return (*words[:place], joined, *_join_as_in(words[place + 2 :], other, kind))
    return words


def join(words: Words) -> str:
    """Write words as one, without vowels where one of them has none."""
    joined = "".join(word.removeprefix(UNVOCALISED) for word in words)
    return f"{UNVOCALISED}{joined.upper()}" if any(map(is_unvocalised, words)) else joined


def _is_joined(joined: str, word: str, kind: NameKind) -> bool:
    if is_unvocalised(joined) or is_unvocalised(word):
        return similarity(joined, word, kind) in (Similarity.SAME, Similarity.CONSONANTS)
    return phonetic_key(joined) == phonetic_key(word) or are_spellings_of_one_name(joined, word)


def _align_joined(a: Words, b: Words, kind: NameKind) -> Alignment | None:
    """Align two names of which one is written as one word; None where they differ."""
    joined_a, joined_b = join(a), join(b)
    if min(len(joined_a), len(joined_b)) < 4:
        return None
    relation = _relation_of_joined(joined_a, joined_b, kind)
    if relation is None:
        return None
    words = max(a, b, key=len)
    bits = max(sum(agreement_weight(word, kind) for word in words) - relation.value, 0.5)
    return Alignment((WordPair(" ".join(a), " ".join(b), relation, bits),), (), ())


def _relation_of_joined(a: str, b: str, kind: NameKind) -> Similarity | None:
    if is_unvocalised(a) or is_unvocalised(b):
        return similarity(a, b, kind)
    if phonetic_key(a) == phonetic_key(b):
        return Similarity.SOUND
    return Similarity.TYPO if is_misspelling(a, b) else None
