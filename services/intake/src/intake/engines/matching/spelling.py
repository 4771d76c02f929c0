"""Normalisation of names as written: case, script, accents, particles, and the surname of a husband.

Names are compared and searched in Latin letters, by the transliteration of anyascii; what was written is kept
beside, in the
person's identity. Scripts that leave vowels out (abjads) are marked: see `is_unvocalised`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_SPANISH = ("de", "del", "dela", "delos", "delas", "la", "las", "los", "el", "y", "e", "i")
_OTHER = ("da", "do", "dos", "das", "di", "du", "van", "von", "der", "den", "al", "bin", "ibn", "bint")
PARTICLES = frozenset(_SPANISH + _OTHER)
"""Words between names that people add and drop: *de la Cruz* and *Cruz*, *Ortega y Gasset*."""

MARRIED_NAME = re.compile(
    r"(?<=\S)\s+(?:(?:vda|viuda)\.?\s+)?de\s+(?!la\b|las\b|los\b|el\b)(?=\S)", re.IGNORECASE
)
"""The words that introduce a husband's surname: *Pérez de González*, *Pérez vda. de González*.

*de la Cruz* at the end of a surname is more often a second surname, and is kept as one.
"""

MAX_CHARACTERS = 400
"""The characters of a field that are compared: no name is longer, and a longer text would cost more than its size."""
MAX_WORDS = 12
"""The words of a name that are compared."""

_WORD = re.compile(r"[a-zñü]+")
_BETWEEN_WORDS = re.compile(r"[\s\-‐‑–—._,،;/]+")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’‘`´ʼʻ](?=[^\W\d_])")
_ACCENTS = {accent: None for accent in range(0x0300, 0x0370) if chr(accent) not in "\u0303\u0308"}
_ABJAD = re.compile("[\u0590-\u074f\u0750-\u077f\u08a0-\u0dff\ufb1d-\ufdff\ufe70-\ufeff]")
"""A letter of Hebrew, Arabic, Syriac or a script of India, which leave out vowels, or the short a."""
_ONE_LETTER = str.maketrans(
    {"ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ا": "a", "ו": "w", "ـ": None} | dict.fromkeys("ङঙਙଙ", "ng")
)
"""Letters that are written for one another, the long a, vav (o, u, v), the stroke that stretches a word, and ng."""
_NASAL = re.compile("[ंংਂੰંಂംం](?:([हহਹહ])|(?![पफबभमপফবভমਪਫਬਭਮપફબભમ]))")
"""The sign for a nasal that is not read as m: *Sanjay*, and with an h *Singh*."""
UNVOCALISED = "·"
"""The first character of a word that is written without most vowels."""
_ARTICLE = re.compile(r"^ال(?=\w\w)(?!له$)")
_SERVANT_OF = frozenset({"abd", "abdel", "abdul", "abdal", "عبد"})
"""The first half of a name such as *Abdul Rahman*, which is written as one word or as two."""
_ENDINGS = {"الدين": "دين", "الله": "الله"}
"""The second half of a name such as زين الدين, which is written as one word in Latin letters."""
_ARTICLES = frozenset({"al", "el", "ul", "ar", "er", "ur"})


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """Return the text in lower case in Latin letters without accents; ñ and ü are kept, for they are sounds.

    `Muñoz Güell` becomes `muñoz güell`, `Wałęsa` `walesa` and `Иванов` `ivanov`.
    """
    if text.isascii():
        return text.lower()
    split = unicodedata.normalize("NFD", text.casefold()).translate(_ACCENTS)
    kept = unicodedata.normalize("NFC", split)
    return "".join(letter if letter.isascii() or letter in "ñü" else _latin(letter) for letter in kept)


@lru_cache(maxsize=1 << 12)
def _latin(character: str) -> str:
    """Return a letter or vowel sign in small Latin letters; another character is kept."""
    if unicodedata.category(character)[0] not in "LM":
        return character
    if character == "ə":
        return "a"
    plain = "".join(
        part for part in unicodedata.normalize("NFD", character) if not unicodedata.combining(part)
    )
    return "".join(filter(str.isalpha, anyascii(unicodedata.normalize("NFC", plain)))).lower()


def is_unvocalised(word: str) -> bool:
    """Return whether a word of `name_words` was written in an abjad, without most vowels: `·MHMD` for محمد."""
    return word.startswith(UNVOCALISED) and word[1:].isalpha() and word.isupper()


def name_words(text: str) -> tuple[str, ...]:
    """Return the first MAX_WORDS words of a name, without particles unless it has nothing else."""
    written = _BETWEEN_WORDS.split(_APOSTROPHE.sub("", text[:MAX_CHARACTERS]))
    every = [word for part in _joined(written) for word in _words_of(part)]
    return tuple([word for word in every if word not in PARTICLES] or every)[:MAX_WORDS]


def _joined(written: list[str]) -> list[str]:
    """Write names such as *Abdul Rahman*, *Abd al-Rahman* and عبد الرحمن as one word."""
    parts: list[str] = []
    is_open = False
    for part in written:
        if parts and part in _ENDINGS:
            parts[-1] = parts[-1].replace("ة", "ت") + _ENDINGS[part]
        elif is_open and part.lower() not in _ARTICLES:
            parts[-1] += part
            is_open = False
        elif not is_open:
            parts.append(part)
            is_open = part.lower() in _SERVANT_OF
    return parts


def _words_of(part: str) -> list[str]:
    if not _ABJAD.search(part):
        return _WORD.findall(fold(part))
    split = unicodedata.normalize("NFKD", _ARTICLE.sub("", part))
    written = "".join(
        sign for sign in split if unicodedata.category(sign)[0] in "LM" and not unicodedata.combining(sign)
    )
    plain = _NASAL.sub(_read_nasal, unicodedata.normalize("NFC", written)).translate(_ONE_LETTER)
    word = "".join(filter(str.isalpha, anyascii(plain))).upper()
    return [UNVOCALISED + word] if word else []


def _read_nasal(found: re.Match[str]) -> str:
    return "n" if found[1] is None else f"ng{found[1]}"


_CHARACTERS = "单單曾仇解区區查任盖华覃翟缪召乐朴"
_READINGS = "Shan Shan Zeng Qiu Xie Ou Ou Zha Ren Ge Hua Qin Zhai Miao Shao Yue Piao"
_CHINESE_SURNAMES = dict(zip(_CHARACTERS, _READINGS.split(), strict=True))
"""Characters that are read otherwise as a surname than as a word."""


def split_surnames(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the surnames at birth and those of a husband: `Pérez Gil de Mora` → (perez, gil), (mora)."""
    text = _CHINESE_SURNAMES.get(text.strip(), text)
    birth, *married = MARRIED_NAME.split(text[:MAX_CHARACTERS], maxsplit=1)
    return name_words(birth), name_words(married[0]) if married else ()
