"""The similarity of two names of persons, word by word, and the weight of their agreement.

Evidence is counted in bits, as the logarithm of how much likelier the agreement is for one person than for
two (Fellegi and Sunter 1969): agreeing on a name that one in 64 people has weighs six bits. `names.toml` holds
how common a name is and which names are used for one another.
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

from intake.engines.matching.consonants import consonants, is_vocalisation
from intake.engines.matching.phonetics import phonetic_key
from intake.engines.matching.romanisation import (
    are_spellings_of_one_name,
    differ_by_one_vowel,
    without_article,
)
from intake.engines.matching.spelling import fold, is_unvocalised, name_words

NameKind = Literal["given", "surname"]


class Similarity(Enum):
    """The relation between two words of a name; the value is subtracted from their weight, in bits.

    A misspelling in a word of five letters or fewer is often another name: Sofía, Sonia.
    """

    SAME = 0.0
    SOUND = 0.5
    VOWEL = 1.5
    TRANSLITERATION = 1.6
    VARIANT = 2.0
    CONSONANTS = 2.1
    TYPO = 2.5
    SHORT_TYPO = 4.5
    INITIAL = 6.0
    SKELETON = 8.0


@dataclass(frozen=True)
class Lexicon:
    """The names of the region in `names.toml`, by their phonetic key.

    `full_names` are baptismal names; `variant_groups` has the groups of interchangeable names that a key belongs to.
    """

    common_words: Mapping[NameKind, tuple[str, ...]]
    weights: Mapping[NameKind, Mapping[str, float]]
    default_weight: Mapping[NameKind, float]
    abbreviations: Mapping[str, tuple[str, ...]]
    variant_groups: Mapping[NameKind, Mapping[str, frozenset[str]]]
    known_names: Mapping[NameKind, frozenset[str]]
    regional_names: Mapping[NameKind, frozenset[str]]
    full_names: Mapping[NameKind, frozenset[str]]
    feminine_by_e: frozenset[str]
    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]


@cache
def lexicon() -> Lexicon:
    """Return the lexicon that ships with the engine."""
    table = tomllib.loads(files("intake.engines.matching").joinpath("names.toml").read_text(encoding="utf-8"))
    kinds: tuple[NameKind, ...] = ("given", "surname")
    common_words: dict[NameKind, tuple[str, ...]] = {}
    weights: dict[NameKind, Mapping[str, float]] = {}
    groups: dict[NameKind, Mapping[str, frozenset[str]]] = {}
    known: dict[NameKind, frozenset[str]] = {}
    full: dict[NameKind, frozenset[str]] = {}
    regional: dict[NameKind, frozenset[str]] = {}
    for kind in kinds:
        tiers = [(float(bits), words.split()) for bits, words in table[kind].items() if bits != "other"]
        common_words[kind] = tuple(word for _, words in tiers for word in words)
        foreign = [(float(bits), words.split()) for bits, words in table["foreign"][kind].items()]
        weights[kind] = {phonetic_key(word): bits for bits, words in (*foreign, *tiers) for word in words}
        membership: dict[str, frozenset[str]] = {}
        lines = (*table["variants"][kind], *table["foreign"]["variants"][kind])
        for group, line in enumerate(lines):
            for key in map(phonetic_key, line.split()):
                membership[key] = membership.get(key, frozenset()) | {f"{kind} {group}"}
        groups[kind] = membership
        first_of_each_line = [line.split()[0] for line in lines]
        listed = map(phonetic_key, (*first_of_each_line, *table["full_names"].get(kind, "").split()))
        full[kind] = frozenset(listed) | frozenset(weights[kind])
        known[kind] = frozenset(membership) | full[kind]
        foreign_words = " ".join((*table["foreign"]["variants"][kind], *table["foreign"][kind].values()))
        regional_words = " ".join(
            (*table["variants"][kind], table["full_names"].get(kind, ""), *common_words[kind])
        )
        regional[kind] = known[kind] - (
            set(map(phonetic_key, foreign_words.split())) - set(map(phonetic_key, regional_words.split()))
        )
    return Lexicon(
        common_words=common_words,
        weights=weights,
        default_weight={kind: table[kind]["other"] for kind in kinds},
        abbreviations={word: tuple(full.split()) for word, full in table["abbreviations"].items()}
        | {name_words(word)[0]: (full,) for word, full in table["vocalised"].items()},
        variant_groups=groups,
        known_names=known,
        regional_names=regional,
        full_names=full,
        feminine_by_e=frozenset(table["full_names"]["feminine_by_e"].split()),
        prefixes=tuple(table["affixes"]["prefixes"].split()),
        suffixes=tuple(table["affixes"]["suffixes"].split()),
    )


def expand_abbreviations(words: Iterable[str]) -> tuple[str, ...]:
    """Write abbreviated names in full, and common names of abjads with their vowels: (ma, MHMD) → (maria, mohamed)."""
    abbreviations = lexicon().abbreviations
    return tuple(full for word in words for full in abbreviations.get(word, (word,)))


@lru_cache(maxsize=1 << 18)
def agreement_weight(word: str, kind: NameKind) -> float:
    """Return the bits of evidence in agreeing on this word; very short words weigh less."""
    known = lexicon()
    bits = known.weights[kind].get(phonetic_key(word), known.default_weight[kind])
    return min(bits, 2.0 * len(word))


@lru_cache(maxsize=1 << 20)
def similarity(a: str, b: str, kind: NameKind) -> Similarity | None:
    """Return the relation between two words of a name, or None where they are different names."""
    if a == b or fold(a) == fold(b):
        return Similarity.SAME
    if is_unvocalised(a) or is_unvocalised(b):
        return _similarity_of_consonants(a, b, kind)
    if 1 in (len(a), len(b)):
        return Similarity.INITIAL if a[0] == b[0] else None
    key_a, key_b = phonetic_key(a), phonetic_key(b)
    if kind == "given" and _differ_by_final_e(a, b):
        return None
    if _variant_groups(key_a, kind) & _variant_groups(key_b, kind):
        return Similarity.SOUND if key_a == key_b else Similarity.VARIANT
    if kind == "given" and _differ_by_gender(a, b):
        return None
    if key_a == key_b:
        return Similarity.SOUND
    if kind == "given" and (_is_diminutive(key_a, key_b) or _is_short_form(a, b) or _differ_by_affix(a, b)):
        return Similarity.VARIANT
    if is_known(a, kind) and is_known(b, kind):
        return None
    if kind == "surname" and (found := _similarity_of_surnames(a, b)):
        return found
    if key_a.translate(_CLOSED_VOWELS) == key_b.translate(_CLOSED_VOWELS):
        return Similarity.VOWEL
    if are_spellings_of_one_name(a, b):
        return Similarity.TRANSLITERATION
    if is_misspelling(a, b) or is_misspelling(key_a, key_b):
        return Similarity.SHORT_TYPO if max(len(a), len(b)) <= 5 else Similarity.TYPO
    if differ_by_one_vowel(a, b):
        return Similarity.TYPO
    return Similarity.SKELETON if kind == "surname" and _have_one_skeleton(a, b) else None


def _have_one_skeleton(a: str, b: str) -> bool:
    """Return whether two surnames have the same two consonants or more, as far as languages tell them apart."""
    return any(len(each) >= MINIMUM_CONSONANTS for each in consonants(a) & consonants(b))


MINIMUM_CONSONANTS = 2


def _similarity_of_surnames(a: str, b: str) -> Similarity | None:
    """Return the relation of two surnames that differ by an Arabic article or a Slavic ending, if they do."""
    short, long = sorted((a, b), key=len)
    if any(bare == short or phonetic_key(bare) == phonetic_key(short) for bare in without_article(long)):
        return Similarity.SOUND
    if any(are_spellings_of_one_name(bare, short) for bare in without_article(long)):
        return Similarity.TRANSLITERATION
    masculine = _without_feminine_ending(a), _without_feminine_ending(b)
    if masculine != (a, b) and phonetic_key(masculine[0]) == phonetic_key(masculine[1]):
        return Similarity.SOUND
    return (
        Similarity.TRANSLITERATION if masculine != (a, b) and are_spellings_of_one_name(*masculine) else None
    )


def _similarity_of_consonants(a: str, b: str, kind: NameKind) -> Similarity | None:
    """Return the relation between two words of which one or both are written without vowels."""
    if is_unvocalised(a) and is_unvocalised(b):
        short, long = sorted((a, b), key=len)
        if (kind == "given" and long in (f"{short}H", f"{short}A")) or not is_misspelling(a, b):
            return None
        return Similarity.SHORT_TYPO if len(long) <= 5 else Similarity.TYPO
    word, other = (a, b) if is_unvocalised(a) else (b, a)
    spellings = (other, *(without_article(other) if kind == "surname" else ()))
    is_same = any(is_vocalisation(fold(spelling), word) for spelling in spellings)
    return Similarity.CONSONANTS if is_same else None


def is_known(word: str, kind: NameKind) -> bool:
    """Return whether the lexicon has this name, by its phonetic key."""
    return phonetic_key(word) in lexicon().known_names[kind]


def is_regional(word: str, kind: NameKind) -> bool:
    """Return whether the name is one of the region, which has one spelling or a few that sound alike."""
    return not is_unvocalised(word) and phonetic_key(word) in lexicon().regional_names[kind]


def _variant_groups(key: str, kind: NameKind) -> frozenset[str]:
    groups = lexicon().variant_groups
    if kind == "surname":
        return groups["surname"].get(key, frozenset()) | groups["given"].get(key, frozenset())
    bases = frozenset() if key in lexicon().full_names["given"] else _diminutive_bases(key)
    return frozenset().union(*(groups["given"].get(name, ()) for name in (key, *bases)))


_DIMINUTIVE = re.compile(r"(?P<stem>.{2,})I[TK](?P<end>[OA]S?)")
"""The phonetic key of a diminutive: Huguito, Lucecita, Martica, Marquitos."""


@lru_cache(maxsize=1 << 16)
def _diminutive_bases(key: str) -> frozenset[str]:
    """Return the keys of the names that this may be the diminutive of; for *Luisita* Luisa, not Luis."""
    if not (found := _DIMINUTIVE.fullmatch(key)):
        return frozenset()
    stem, end, plural = found["stem"], found["end"][0], found["end"][1:]
    stems = {stem, stem.removesuffix("S"), stem.removesuffix("ES")}
    bases = {f"{one}{vowel}{plural}" for one in stems for vowel in (end, "E")}
    if end == "O" or not any(f"{one}A" in lexicon().full_names["given"] for one in stems):
        bases |= stems
    return frozenset(bases)


def _is_diminutive(a: str, b: str) -> bool:
    """Return whether one key is the diminutive of the other; Benito and Margarita are full names."""
    full = lexicon().full_names["given"]
    return (a not in full and b in _diminutive_bases(a)) or (b not in full and a in _diminutive_bases(b))


def _is_short_form(a: str, b: str) -> bool:
    """Return whether one name is the other cut short: Cris for Cristina, Nati for Natalia, Rosi for Rosa.

    Ana and Anabel are two names.
    """
    short, long = sorted(map(fold, (a, b)), key=len)
    if not 3 <= len(short) <= 5 or phonetic_key(short) in lexicon().full_names["given"]:
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


_CLOSED_VOWELS = str.maketrans("EO", "IU")
"""Speakers of Quechua and Aymara do not distinguish e and i, o and u: *Quispe*, *Quispi*."""


def _differ_by_gender(a: str, b: str) -> bool:
    """Return whether the words are a man's and a woman's name: Juan and Juana, Gabriel and Gabriela."""
    short, long = sorted((a, b), key=len)
    if len(short) == len(long):
        return a[:-1] == b[:-1] and {a[-1], b[-1]} <= set("aoe")
    return long == short + "a" and short[-1] != "a"


def _differ_by_final_e(a: str, b: str) -> bool:
    """Return whether the words are a man's and a woman's name in French: Michel and Michelle."""
    short, long = sorted((a, b), key=len)
    return short in lexicon().feminine_by_e and long in (f"{short}e", f"{short}{short[-1]}e")


def _differ_by_affix(a: str, b: str) -> bool:
    """Return whether one given name is the other without a part that people leave out: Oluwaseun and Seun."""
    short, long = sorted((a, b), key=len)
    known = lexicon()
    return len(short) >= 4 and (
        any(long == f"{prefix}{short}" for prefix in known.prefixes)
        or any(long == f"{short}{suffix}" for suffix in known.suffixes)
    )


_FEMININE_ENDING = re.compile(
    r"(?<=..)(?:(?P<ov>[eo]v|in)a|(?P<sk>[st]?[ck])(?:aya|aia|aja|a)|(?P<y>[nlr])(?:aya|aia))$"
)


def _without_feminine_ending(surname: str) -> str:
    """Return a Slavic surname with its masculine ending: (kuznetsova) → kuznetsov, (kowalska) → kowalski."""
    found = _FEMININE_ENDING.search(surname)
    if not found:
        return surname
    stem = surname[: found.start()]
    return f"{stem}{found['ov']}" if found["ov"] else f"{stem}{found['sk'] or found['y']}i"


def is_misspelling(a: str, b: str) -> bool:
    """Return whether one letter is wrong, missing, added or swapped; two where both words have eight or more.

    In a word of four letters another letter makes another name (Rosa, Rita): there it must be missing,
    added or swapped.
    """
    longest = max(len(a), len(b))
    if longest < 4 or (longest == 4 and len(a) == len(b) and sorted(a) != sorted(b)):
        return False
    return OSA.distance(a, b, score_cutoff=2) <= (2 if min(len(a), len(b)) >= 8 else 1)
