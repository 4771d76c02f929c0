"""Which word of one name answers to which word of the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from intake.engines.matching import sound
from intake.engines.matching.names import Kind, Likeness, is_slip, likeness, worth

Words = tuple[str, ...]


class Pair(NamedTuple):
    """Two words that answer to each other, and what that is worth in bits."""

    a: str
    b: str
    likeness: Likeness
    bits: float

    def __str__(self) -> str:
        return self.a if self.a == self.b else f"{self.a} ~ {self.b}, {self.likeness.name.lower()}"


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs of words, and the words of either side that found none. `crossed`: not in the same order."""

    pairs: tuple[Pair, ...]
    left_a: Words
    left_b: Words
    crossed: bool = False

    @property
    def bits(self) -> float:
        return sum(pair.bits for pair in self.pairs)


@lru_cache(maxsize=1 << 18)
def align(a: Words, b: Words, kind: Kind) -> Alignment:
    """The best pairs first, each word once. *Ana María* and *Anamaría* are one name, written apart or not."""
    if len(a) != len(b) and a and b and (whole := _written_together(a, b, kind)):
        return whole
    found = sorted(
        (-pair.bits, abs(i - j), i, j, pair)
        for i, word_a in enumerate(a)
        for j, word_b in enumerate(b)
        if (pair := pair_of(word_a, word_b, kind))
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
        left_a=tuple(word for i, word in enumerate(a) if i not in taken_a),
        left_b=tuple(word for j, word in enumerate(b) if j not in taken_b),
        crossed=order != sorted(order),
    )


def pair_of(a: str, b: str, kind: Kind) -> Pair | None:
    """Two words that are alike, worth what the commoner of them is, less what their unlikeness takes off."""
    alike = likeness(a, b, kind)
    if alike is None:
        return None
    return Pair(a, b, alike, max(min(worth(a, kind), worth(b, kind)) - alike.value, 0.5))


def _written_together(a: Words, b: Words, kind: Kind) -> Alignment | None:
    whole_a, whole_b = "".join(a), "".join(b)
    if min(len(whole_a), len(whole_b)) < 4:
        return None
    sounds_same = sound.key(whole_a) == sound.key(whole_b)
    if not (sounds_same or is_slip(whole_a, whole_b)):
        return None
    alike = Likeness.SOUND if sounds_same else Likeness.TYPO
    parts = max(a, b, key=len)
    bits = max(sum(worth(part, kind) for part in parts) - alike.value, 0.5)
    return Alignment((Pair(" ".join(a), " ".join(b), alike, bits),), (), ())
