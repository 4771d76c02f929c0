"""Words as they are compared: without accents, plural, gender, the ending of a trade, or a slip of spelling.

`albañil`, `albañila` and `ALBANILES` are one form; `costura`, `costurera` and `costureros` share a root;
`bendo` sounds like `vendo`. The tables below are all there is to it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Language = Literal["es", "en"]
LANGUAGES: tuple[Language, ...] = ("es", "en")


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


#: Words that say nothing of the trade: grammar, and "I work as".
SILENT: dict[Language, frozenset[str]] = {
    "es": frozenset(
        _listed(
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
        _listed(
            "a an and any as at by can did do doing for from get have he her his i in is job jobs make me my"
            " of on or our own people people's s she some that the their them they to used using was we were"
            " who with work worked working works worker workers years year experience been being am"
        )
    ),
}

#: (ending, what stands in its place), the first that fits; at least three letters must remain.
Endings = tuple[tuple[str, str], ...]
NUMBER: dict[Language, Endings] = {
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
GENDER: dict[Language, Endings] = {
    "es": (("a", ""), ("o", ""), ("e", "")),
    "en": (("woman", "man"), ("women", "man"), ("men", "man"), ("ress", "er"), ("e", "")),
}
#: Endings of trades, verbs and deeds, taken off until none is left: costurera, costura; vendo, vendedor.
TRADE: dict[Language, Endings] = {
    "es": tuple(
        (ending, "")
        for ending in _listed(
            "anderi ander aderi ader adori edori idori ador edor idor atori itori ator itor eri er ori or ist"
            " ism iend and iab ab ez amient imient acion icion cion sion aj ad id ar ir ur i u"
        )
    ),
    "en": tuple((ending, "") for ending in _listed("ering ings ing ers ery er or ian ist ment ed y i")),
}

#: What Spanish as the region writes it confuses, in this order.
SOUND = tuple(
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

_APART = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Word:
    """One word and what it is compared by, from strict to loose."""

    written: str
    form: str
    root: str
    sound: str


def plain(text: str) -> str:
    """Lower case without accents; ñ counts as n, as it is typed where the key is missing."""
    # Twice: some signs hold a capital only once they are taken apart (🄰).
    small = unicodedata.normalize("NFKD", text.casefold()).casefold()
    decomposed = unicodedata.normalize("NFKD", small)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words(text: str, language: Language) -> list[Word]:
    """The telling words of a text, in order."""
    return [
        word_of(written, language)
        for written in _APART.split(plain(text))
        if len(written) > 1 and written not in SILENT[language]
    ]


@lru_cache(maxsize=1 << 16)
def word_of(written: str, language: Language) -> Word:
    """A plain word with its form, root and sound."""
    form = _without(_without(written, NUMBER[language]), GENDER[language])
    root = form
    while root != (shorter := _without(root, TRADE[language])):
        root = shorter
    return Word(written, form, root, _sound(form) if language == "es" else form)


def _without(word: str, endings: Endings) -> str:
    for ending, instead in endings:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending) + instead
    return word


def _sound(form: str) -> str:
    for pattern, sound in SOUND:
        form = pattern.sub(sound, form)
    return form
