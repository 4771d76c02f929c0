"""Words that are written without most vowels (Arabic, Hebrew, scripts of India), compared with words in Latin letters.

A vocalisation is any way to write the word with vowels: `·JMYL` may be *Jamil* or *Djamil*, and not *Jamal*, for a long
vowel is written. Spellings are those of people of the region, in Spanish, English or French.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from intake.engines.matching.romanisation import readings, without_article
from intake.engines.matching.spelling import UNVOCALISED, fold

_SPELLINGS = {
    "a": "a e o u",
    "b": "b p v",
    "bh": "bh b",
    "c": "c k s",
    "ch": "ch tch sh c",
    "d": "d t",
    "dh": "dh th d z",
    "e": "e a i y",
    "f": "f ph p",
    "g": "g j",
    "gh": "gh g r h",
    "h": "h ch kh j",
    "i": "i e y",
    "j": "j dj g y z",
    "k": "k ck q c g",
    "kh": "kh ch j h k x c",
    "o": "o u w",
    "p": "p f",
    "ph": "ph f p",
    "q": "q ck gh k c g",
    "s": "s sh z c",
    "sh": "sh sch ch s",
    "t": "t d",
    "th": "th t s",
    "u": "u o w",
    "v": "v b w",
    "w": "w o u v",
    "y": "y i j e",
    "z": "z s",
    "zh": "zh sh j z",
}
"""The Latin spellings of a sound of the transliteration; another one is written as itself.

Any may be doubled, and h left out.
"""

_SOUND = re.compile("[bcdgkpstz]h|[a-z]")
_UNWRITTEN = frozenset("aeiouyh")
_REPEATED = re.compile(r"(.)\1+")
MOST_UNWRITTEN = 3
"""The vowels and h between two sounds that the script leaves out."""


def is_vocalisation(written: str, word: str) -> bool:
    """Return whether a folded Latin word is a way to write an unvocalised one (`·MHMD`).

    One letter written twice is one sound, or two with a vowel between them: *Uddin*, *Mamduh*.
    """
    spelled, written = word.removeprefix(UNVOCALISED).lower(), written.replace("x", "ks")
    spellings = dict.fromkeys(
        (spelled, _REPEATED.sub(r"\1", spelled), _ASSIMILATED_ARTICLE.sub("bd", spelled))
    )
    return any(_is_vocalisation(written, spelling) for spelling in spellings)


_ASSIMILATED_ARTICLE = re.compile("^bdal(?=[dlnrstz])")
"""*Abd al-Nasir* is spoken *Abdennasser*."""


@lru_cache(maxsize=1 << 16)
def _is_vocalisation(written: str, word: str) -> bool:
    """Return whether the sounds of a word stand in the written one, in order and with nothing but vowels between.

    It keeps all places that the letters read so far may end at, so that the time is that of the lengths.
    """
    places = {0}
    sounds = _SOUND.findall(word)
    for number, sound in enumerate(sounds):
        after = {end for place in places for end in _without_unwritten(written, place)}
        places = {end for place in after for end in _ends(written, place, sound)}
        if sound == "y" and number + 1 == len(sounds):
            places |= {place + 1 for place in after if written.startswith("a", place)}
        if sound == "h" or (sound == "a" and not number):
            places |= after
    return any(len(written) in _without_unwritten(written, place) for place in places)


def _without_unwritten(written: str, place: int) -> Iterator[int]:
    """Yield the places after none, one or more vowels that the script leaves out."""
    yield place
    for end in range(place + 1, min(place + MOST_UNWRITTEN, len(written)) + 1):
        if written[end - 1] not in _UNWRITTEN:
            return
        yield end


def _ends(written: str, place: int, sound: str) -> Iterator[int]:
    """Yield the places after a sound; one of two letters may also be two sounds, of which the second is an h."""
    known = f"{_SPELLINGS.get(sound, sound)} {_SPELLINGS.get(sound[0], sound[0])}"
    for spelling in known.split():
        if written.startswith(spelling, place):
            end = place + len(spelling)
            yield end
            if written.startswith(spelling[-1], end):
                yield end + 1


_SKELETON = str.maketrans("DXGP", "TSJB", "AIUYVH")


@lru_cache(maxsize=1 << 16)
def consonants(word: str) -> frozenset[str]:
    """Return the consonants of a word's readings: `mohammed`, `maxamed` and `·MHMD` have `MT` in common.

    They find candidates for a comparison; many words have the same.
    """
    spelled = fold(word.removeprefix(UNVOCALISED))
    spellings = (spelled, *without_article(spelled), _ASSIMILATED_ARTICLE.sub("bd", spelled))
    return frozenset(_skeleton(reading) for spelling in spellings for reading in readings(spelling).every)


def _skeleton(reading: str) -> str:
    return _REPEATED.sub(r"\1", reading.translate(_SKELETON))
