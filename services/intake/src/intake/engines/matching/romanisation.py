"""The readings of a name in Latin letters, by the spellings of several languages.

A name from another script has as many Latin spellings as there are languages that write it: *Djamel* in French,
*Jamal* in English, *Cabdiraxmaan* in Somali for *Abdirahman*. A reading writes a word by its sounds; letters that
languages read differently give several readings. Two words with a reading in common may be spellings of one name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice, product
from typing import NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler

from intake.engines.matching.spelling import fold

_LETTERS: tuple[tuple[str, str], ...] = (
    (r"t?sch|t[cs]h|sh", "X"),
    (r"dzh|zh", "J"),
    (r"dj", "J D"),
    (r"ch", "X K"),
    (r"kh", "K H"),
    (r"gh(?!$)|gu(?=[ei])", "G"),
    (r"^h(?=[lnr]|al[iy]|on)", "H G"),
    (r"(?<=[aeiou])[dt]$", "D"),
    (r"^ng(?=[aeiou])", "NG N"),
    (r"ph", "F"),
    (r"th", "T"),
    (r"dh", "D"),
    (r"bh", "B V"),
    (r"ck|qu(?=[ei])|k", "K"),
    (r"q", "K G"),
    (r"g(?=[eiy])", "G J"),
    (r"g", "G"),
    (r"j", "J Y H"),
    (r"x", "KS"),
    (r"c(?=[eiy])", "S X"),
    (r"(?<=i)c(?=a$)", "K S"),
    (r"c", "K"),
    (r"t[sz]|[sz]", "S"),
    (r"(?<=[^aeiouwy])w(?=[aeiou])", "U"),
    (r"ou|oo|[oa][uw](?![aeiou])|[uoü]", "U"),
    (r"[vw]", "V"),
    (r"^[iy](?=[aeou])", "Y"),
    (r"(?<=[aeiou])y(?=[aeiou])", "Y"),
    (r"[ae][iy](?![aeiou])|ee|[iy]|^e", "I"),
    (r"e", "I A"),
    (r"a", "A"),
    (r"(?<=[^aeiou])h|h$", ""),
    (r"ñ", "N"),
)
"""Letters, and the sounds that they stand for in one language or another. Another letter stands for itself.

The vowels of Arabic are three, so *o* and *u* are one sound here, and *e* is read as *a* and as *i*.
"""

_TOKEN = re.compile("|".join(f"({pattern})" for pattern, _ in _LETTERS) + "|[a-z]")
_SOUNDS = tuple(tuple(sounds.split(" ")) for _, sounds in _LETTERS)
_REPEATED = re.compile(r"(.)\1+")
_GLIDE = re.compile(r"IY|YI")

_SOMALI = re.compile(r"x|aa|ee|ii|oo|uu|c$|^cabd")
_SOMALI_LETTERS = str.maketrans({"c": "", "x": "h"})
_INDRA = re.compile("[ei]nd(?:ra|ar)$")
"""*Devendra* in Hindi is *Davinder* in Punjabi."""
_FRENCH = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"eau|au", "o"),
        (r"oi", "wa"),
        (r"(?<![aeoqg])u(?=e)", "y"),
        (r"(?<![aeoqg])u(?![aeiouy])", "i"),
        (r"i?enne$", "yen"),
        (r"ille$", "il"),
        (r"ierre$", "ye"),
        (r"erre$", "e"),
        (r"[ae]?int?$", "en"),
        (r"(?<=[^aeiou])es?$", ""),
        (r"eur$|er$|ez$|et$", "e"),
        (r"eu", "e"),
    )
)
"""The spelling of French, to that of Haitian Creole: *Étienne*, *Etyèn*; *Lafleur*, *Laflè*; *Lucienne*, *Lisyèn*."""

_WADE_GILES_SIGN = re.compile("hs|ih|tz")
_WADE_GILES = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("hs", "x"),
        ("ch(?=ih)", "zh"),
        ("ih|zu", "i"),
        ("tz", "z"),
        ("ch", "zh"),
        ("ien", "ian"),
        ("ung", "ong"),
    )
)
"""The older spelling of Chinese, to pinyin: *Chih-ming*, *Zhiming*; *Hsu*, *Xu*."""

MAXIMUM_READINGS = 16
"""The readings of one spelling that are compared."""
MINIMUM_SOUNDS = 5
"""Shorter names have too many others among their readings, so only their plain readings are compared."""
MINIMUM_PLAIN_SOUNDS = 3


class Readings(NamedTuple):
    """The readings of a word; `plain` ones take each letter by its commonest sound, that of the written word first."""

    plain: tuple[str, ...]
    every: frozenset[str]


@lru_cache(maxsize=1 << 16)
def readings(word: str) -> Readings:
    """Return the readings of a folded word as it is written, and by the spellings of French, Somali and Wade-Giles."""
    word = _INDRA.sub("inder", word)
    spellings = dict.fromkeys((word, _respell(word, _FRENCH)))
    if _SOMALI.search(word):
        spellings[word.translate(_SOMALI_LETTERS)] = None
    if _WADE_GILES_SIGN.search(word):
        spellings[_respell(word, _WADE_GILES)] = None
    read = [_read(spelling) for spelling in spellings]
    return Readings(tuple(each[0] for each in read), frozenset(reading for each in read for reading in each))


def _respell(word: str, rules: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, sound in rules:
        word = pattern.sub(sound, word)
    return word


def _read(word: str) -> list[str]:
    choices = [
        _SOUNDS[found.lastindex - 1] if found.lastindex else (found[0].upper(),)
        for found in _TOKEN.finditer(word)
    ]
    return [_simplify("".join(sounds)) for sounds in islice(product(*choices), MAXIMUM_READINGS)]


def _simplify(sounds: str) -> str:
    return _REPEATED.sub(r"\1", _GLIDE.sub("I", _REPEATED.sub(r"\1", sounds)))


@lru_cache(maxsize=1 << 18)
def are_spellings_of_one_name(a: str, b: str) -> bool:
    """Return whether two words of a name have a reading in common: *Djamel* and *Jamal*, *Axmed* and *Ahmed*."""
    own, other = readings(fold(a)), readings(fold(b))
    return any(
        len(reading) >= MINIMUM_SOUNDS
        or (len(reading) >= MINIMUM_PLAIN_SOUNDS and reading in own.plain and reading in other.plain)
        for reading in own.every & other.every
    )


def differ_by_one_vowel(a: str, b: str) -> bool:
    """Return whether the first readings of two words differ in one vowel: *Chaudhary* and *Chowdhury*."""
    own, other = readings(fold(a)).plain[0], readings(fold(b)).plain[0]
    return (
        min(len(own), len(other)) >= MINIMUM_SOUNDS
        and own.translate(_WITHOUT_VOWELS) == other.translate(_WITHOUT_VOWELS)
        and OSA.distance(own, other, score_cutoff=1) == 1
    )


def resemble(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Return whether two names are alike from their beginning on: *Bellegarde* and *Belgad*, *Duclos* and *Diklo*."""
    own, other = ("".join(readings(fold(word)).plain[0] for word in words) for words in (a, b))
    return JaroWinkler.similarity(own, other, score_cutoff=LEAST_RESEMBLANCE) > 0


LEAST_RESEMBLANCE = 0.8


_WITHOUT_VOWELS = dict.fromkeys(map(ord, "AIU"))
_ARTICLE = re.compile(r"[ae]l(?=.{3})|[ae](?=([dnrstz])\1..)")


def without_article(word: str) -> tuple[str, ...]:
    """Return a word without the Arabic article that is written with it: (elsayed) → sayed, (ennaimi) → nnaimi."""
    found = _ARTICLE.match(word)
    return (word[found.end() :],) if found else ()
