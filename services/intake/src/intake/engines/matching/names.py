"""How alike two names of persons are, word by word, and what their agreement is worth.

Evidence is counted in bits, as the logarithm of how much likelier the agreement is for one person than for
two (Fellegi and Sunter 1969): agreeing on a name that one in 64 people has is worth six bits. How common a
name is, and which names are used for one another, stands in `names.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from rapidfuzz.distance import OSA

from intake.engines.matching import sound
from intake.engines.matching.spelling import fold

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
    """What is known of the names of the region, by their sound; `full` are names one is baptised with."""

    common: Mapping[Kind, tuple[str, ...]]
    worth: Mapping[Kind, Mapping[str, float]]
    other: Mapping[Kind, float]
    short: Mapping[str, tuple[str, ...]]
    groups: Mapping[Kind, Mapping[str, frozenset[int]]]
    known: Mapping[Kind, frozenset[str]]
    full: Mapping[Kind, frozenset[str]]


@cache
def lexicon() -> Lexicon:
    table = tomllib.loads(files("intake.engines.matching").joinpath("names.toml").read_text(encoding="utf-8"))
    kinds: tuple[Kind, ...] = ("given", "surname")
    common: dict[Kind, tuple[str, ...]] = {}
    worth: dict[Kind, Mapping[str, float]] = {}
    groups: dict[Kind, Mapping[str, frozenset[int]]] = {}
    known: dict[Kind, frozenset[str]] = {}
    full: dict[Kind, frozenset[str]] = {}
    for kind in kinds:
        tiers = [(float(bits), words.split()) for bits, words in table[kind].items() if bits != "other"]
        common[kind] = tuple(word for _, words in tiers for word in words)
        worth[kind] = {sound.key(word): bits for bits, words in tiers for word in words}
        member: dict[str, frozenset[int]] = {}
        for group, line in enumerate(table["variants"][kind]):
            for heard in map(sound.key, line.split()):
                member[heard] = member.get(heard, frozenset()) | {group}
        groups[kind] = member
        heads = [line.split()[0] for line in table["variants"][kind]]
        listed = map(sound.key, (*heads, *table["full"].get(kind, "").split()))
        full[kind] = frozenset(listed) | frozenset(worth[kind])
        known[kind] = frozenset(member) | full[kind]
    return Lexicon(
        common=common,
        worth=worth,
        other={kind: table[kind]["other"] for kind in kinds},
        short={word: tuple(full.split()) for word, full in table["short"].items()},
        groups=groups,
        known=known,
        full=full,
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
    sound_a, sound_b = sound.key(a), sound.key(b)
    if _groups(sound_a, kind) & _groups(sound_b, kind):
        return Likeness.SOUND if sound_a == sound_b else Likeness.VARIANT
    if kind == "given" and _differ_by_gender(a, b):
        return None
    if sound_a == sound_b:
        return Likeness.SOUND
    if kind == "given" and (_is_small(sound_a, sound_b) or _is_cut_short(a, b)):
        return Likeness.VARIANT
    if is_known(a, kind) and is_known(b, kind):
        return None
    if sound_a.translate(_CLOSED) == sound_b.translate(_CLOSED):
        return Likeness.VOWEL
    if is_slip(a, b) or is_slip(sound_a, sound_b):
        return Likeness.SHORT_TYPO if max(len(a), len(b)) <= 5 else Likeness.TYPO
    return None


def is_known(word: str, kind: Kind) -> bool:
    """Whether the lists have this name, as it sounds."""
    return sound.key(word) in lexicon().known[kind]


def _groups(heard: str, kind: Kind) -> frozenset[int]:
    groups = lexicon().groups[kind]
    bases = _bases(heard) if kind == "given" and heard not in lexicon().full[kind] else frozenset()
    return frozenset().union(*(groups.get(name, ()) for name in (heard, *bases)))


_SMALL = re.compile(r"(?P<stem>.{2,})I[TK](?P<end>[OA]S?)")
"""Huguito, Lucecita, Martica, Marquitos, as they sound."""


@lru_cache(maxsize=1 << 16)
def _bases(heard: str) -> frozenset[str]:
    """The names that this may be the diminutive of, as they sound; of *Luisita* that is Luisa, not Luis."""
    if not (found := _SMALL.fullmatch(heard)):
        return frozenset()
    stem, end, plural = found["stem"], found["end"][0], found["end"][1:]
    stems = {stem, stem.removesuffix("S"), stem.removesuffix("ES")}
    bases = {f"{one}{vowel}{plural}" for one in stems for vowel in (end, "E")}
    if end == "O" or not any(f"{one}A" in lexicon().full["given"] for one in stems):
        bases |= stems
    return frozenset(bases)


def _is_small(a: str, b: str) -> bool:
    """One is the diminutive of the other; Benito and Margarita are names of their own."""
    full = lexicon().full["given"]
    return (a not in full and b in _bases(a)) or (b not in full and a in _bases(b))


def _is_cut_short(a: str, b: str) -> bool:
    """Cris for Cristina, Nati for Natalia, Rosi for Rosa; but Ana and Anabel are two names."""
    short, long = sorted(map(fold, (a, b)), key=len)
    if not 3 <= len(short) <= 5 or sound.key(short) in lexicon().full["given"]:
        return False
    if short[-1] == "y":
        short = short[:-1] + "i"
    if long.startswith(short):
        return len(long) >= len(short) + 2
    stem = short[:-1]
    return (
        short[-1] == "i"
        and len(stem) >= 3
        and long.startswith(stem)
        and long[len(stem) :][:1] in tuple("aeiou")
    )


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
