"""The folding of words for comparison: without accents, plural, gender, endings of trades and misspellings.

`albañil`, `albañila` and `ALBANILES` have one form; `costura`, `costurera` and `costureros` share a root; `bendo` and
`vendo` have one sound. The tables below are the whole of the method.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Language = Literal["es", "en"]
LANGUAGES: tuple[Language, ...] = ("es", "en")
MAX_CHARACTERS = 400
"""The characters of an answer or a label that are compared; a longer answer is no occupation."""


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split())


STOP_WORDS: dict[Language, frozenset[str]] = {
    "es": frozenset(
        _split(
            "a al algo alla ante aqui asi aunque bien cada como con contra cual cuando de del desde donde dos"
            " e el ella en entre era eramos es esa ese eso esta estaba estado este esto estoy estudie fue fui"
            " ha hacia hace hacer haciendo hago hasta he la las le les lo los mas me mi mis muy ni no nos o"
            " otra otro para pero por porque pues que quien se ser si sido sin sobre solo soy su sus tambien"
            " tan tengo tenia trabaje trabajaba trabajar trabajando trabajo trabajos trabaja tres u un"
            " una uno unos y ya yo dedico dedicaba oficio empleo labor laboraba laboro ocupacion"
            " puesto anos ano experiencia oficios"
        )
    ),
    "en": frozenset(
        _split(
            "a an and any as at by can did do doing for from get have he her his i in is job jobs make me my"
            " of on or our own people people's s she some that the their them they to used using was we were"
            " who with work worked working works worker workers years year experience been being am"
        )
    ),
}

Endings = tuple[tuple[str, str], ...]
"""Pairs of an ending and its replacement. The first that fits is used, if at least three letters remain."""

PLURAL_ENDINGS: dict[Language, Endings] = {
    "es": (
        ("ces", "z"),
        ("iones", "ion"),
        ("ores", "or"),
        ("eses", "es"),
        ("les", "l"),
        ("nes", "n"),
        ("s", ""),
    ),
    "en": (
        ("ies", "y"),
        ("sses", "ss"),
        ("shes", "sh"),
        ("ches", "ch"),
        ("xes", "x"),
        ("ss", "ss"),
        ("s", ""),
    ),
}
GENDER_ENDINGS: dict[Language, Endings] = {
    "es": (("a", ""), ("o", ""), ("e", "")),
    "en": (("woman", "man"), ("women", "man"), ("men", "man"), ("ress", "er"), ("e", "")),
}
TRADE_ENDINGS: dict[Language, Endings] = {
    "es": tuple(
        (ending, "")
        for ending in _split(
            "anderi ander aderi ader adori edori idori ador edor idor atori itori ator itor eri er ori or ist"
            " ism iend and iab ab ez amient imient acion icion cion sion aj ad id ar ir ur i u"
        )
    ),
    "en": tuple((ending, "") for ending in _split("ering ings ing ers ery er or ian ist ment ed y i")),
}

SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"(?<!c)h", ""),
        (r"v", "b"),
        (r"ll", "y"),
        (r"c(?=[ei])|z|x", "s"),
        (r"qu(?=[ei])|q|c(?!h)", "k"),
        (r"gu(?=[ei])", "g"),
        (r"g(?=[ei])", "j"),
        (r"(.)\1", r"\1"),
    )
)

_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Word:
    """A word with its three keys for comparison, from the strictest to the loosest."""

    written: str
    form: str
    root: str
    sound: str


def without_accents(text: str) -> str:
    """Return a text in lower case without accents. ñ becomes n, as it is typed on keyboards without that key."""
    # Twice, because some characters yield a capital letter only after their decomposition (🄰).
    lowered = unicodedata.normalize("NFKD", text.casefold()).casefold()
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words(text: str, language: Language) -> list[Word]:
    """Return the words of a text's beginning in their order, without stop words and single letters."""
    return [
        word_of(written, language)
        for written in _NOT_A_LETTER.split(without_accents(text[:MAX_CHARACTERS]))
        if len(written) > 1 and written not in STOP_WORDS[language]
    ]


@lru_cache(maxsize=1 << 16)
def word_of(written: str, language: Language) -> Word:
    """Return a word with its form, root and sound."""
    form = _replace_ending(_replace_ending(written, PLURAL_ENDINGS[language]), GENDER_ENDINGS[language])
    root = form
    while root != (shorter := _replace_ending(root, TRADE_ENDINGS[language])):
        root = shorter
    return Word(written, form, root, _sound(form) if language == "es" else form)


def _replace_ending(word: str, endings: Endings) -> str:
    for ending, replacement in endings:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending) + replacement
    return word


def _sound(form: str) -> str:
    for pattern, sound in SOUNDS:
        form = pattern.sub(sound, form)
    return form
