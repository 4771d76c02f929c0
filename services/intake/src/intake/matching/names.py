"""How alike two names of persons are, word by word, and what their agreement is worth.

Evidence is counted in bits, as the logarithm of how much likelier the agreement is for one person than for
two (Fellegi and Sunter 1969): agreeing on a name that one in 64 people has is worth six bits. How common a
name is, and which names are used for one another, stands in `names.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from rapidfuzz.distance import OSA

from intake.matching import sound
from intake.matching.spelling import fold

Kind = Literal["given", "surname"]


class Likeness(Enum):
    """How one word of a name stands to another; the number is what is taken off its worth in bits.

    A slip in a word of five letters or fewer is often another name: Sofía, Sonia.
    """

    SAME = 0.0
    SOUND = 0.5
    VOWEL = 1.5
    VARIANT = 2.0
    TYPO = 2.5
    SHORT_TYPO = 4.5
    INITIAL = 6.0


@dataclass(frozen=True)
class Lexicon:
    """What is known of the names of the region."""

    common: Mapping[Kind, tuple[str, ...]]
    worth: Mapping[Kind, Mapping[str, float]]
    other: Mapping[Kind, float]
    short: Mapping[str, tuple[str, ...]]
    groups: Mapping[Kind, Mapping[str, frozenset[int]]]
    known: Mapping[Kind, frozenset[str]]


@cache
def lexicon() -> Lexicon:
    table = tomllib.loads(files("intake.matching").joinpath("names.toml").read_text(encoding="utf-8"))
    kinds: tuple[Kind, ...] = ("given", "surname")
    common: dict[Kind, tuple[str, ...]] = {}
    worth: dict[Kind, Mapping[str, float]] = {}
    groups: dict[Kind, Mapping[str, frozenset[int]]] = {}
    known: dict[Kind, frozenset[str]] = {}
    for kind in kinds:
        tiers = [(float(bits), words.split()) for bits, words in table[kind].items() if bits != "other"]
        common[kind] = tuple(word for _, words in tiers for word in words)
        worth[kind] = {sound.key(word): bits for bits, words in tiers for word in words}
        member: dict[str, frozenset[int]] = {}
        for group, line in enumerate(table["variants"][kind]):
            for heard in map(sound.key, line.split()):
                member[heard] = member.get(heard, frozenset()) | {group}
        groups[kind] = member
        known[kind] = frozenset(member) | frozenset(worth[kind])
    return Lexicon(
        common=common,
        worth=worth,
        other={kind: table[kind]["other"] for kind in kinds},
        short={word: tuple(full.split()) for word, full in table["short"].items()},
        groups=groups,
        known=known,
    )


def in_full(words: Iterable[str]) -> tuple[str, ...]:
    """Shortened names written out: (ma, fernanda) → (maria, fernanda)."""
    short = lexicon().short
    return tuple(full for word in words for full in short.get(word, (word,)))


@lru_cache(maxsize=1 << 18)
def worth(word: str, kind: Kind) -> float:
    """Bits of evidence in agreeing on this word; very short words are worth less."""
    known = lexicon()
    bits = known.worth[kind].get(sound.key(word), known.other[kind])
    return min(bits, 2.0 * len(word))


@lru_cache(maxsize=1 << 20)
def likeness(a: str, b: str, kind: Kind) -> Likeness | None:
    """How two words of a name are alike, or None where they are different names."""
    if a == b or fold(a) == fold(b):
        return Likeness.SAME
    if 1 in (len(a), len(b)):
        return Likeness.INITIAL if a[0] == b[0] else None
    if kind == "given" and _differ_by_gender(a, b):
        return None
    sound_a, sound_b = sound.key(a), sound.key(b)
    if sound_a == sound_b:
        return Likeness.SOUND
    groups, known = lexicon().groups[kind], lexicon().known[kind]
    if groups.get(sound_a, frozenset()) & groups.get(sound_b, frozenset()):
        return Likeness.VARIANT
    if sound_a in known and sound_b in known:
        return None
    if sound_a.translate(_CLOSED) == sound_b.translate(_CLOSED):
        return Likeness.VOWEL
    if is_slip(a, b) or is_slip(sound_a, sound_b):
        return Likeness.SHORT_TYPO if max(len(a), len(b)) <= 5 else Likeness.TYPO
    return None


_CLOSED = str.maketrans("EO", "IU")
"""Speakers of Quechua and Aymara hear e and i, o and u as one: *Quispe*, *Quispi*."""


def _differ_by_gender(a: str, b: str) -> bool:
    """Juan and Juana, Julio and Julia, Gabriel and Gabriela: two people, not a slip of the pen."""
    short, long = sorted((a, b), key=len)
    if len(short) == len(long):
        return a[:-1] == b[:-1] and {a[-1], b[-1]} <= set("aoe")
    return long == short + "a"


def is_slip(a: str, b: str) -> bool:
    """One wrong, missing, added or swapped letter; two where both words have eight letters or more.

    In a word of four letters another letter makes another name (Rosa, Rita): there it must be missing,
    added or swapped.
    """
    longest = max(len(a), len(b))
    if longest < 4 or (longest == 4 and len(a) == len(b) and sorted(a) != sorted(b)):
        return False
    return OSA.distance(a, b, score_cutoff=2) <= (2 if min(len(a), len(b)) >= 8 else 1)
