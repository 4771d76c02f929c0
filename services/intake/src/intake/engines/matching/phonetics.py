"""A phonetic key for Spanish as it is spoken and written in Latin America and the Caribbean.

Two spellings have the same key where people of the region pronounce them alike: seseo (c, s, z), yeísmo (ll, y),
b and v, a silent h, w beside gu and hu, and English names as they are pronounced (Jefferson, Yeferson). The key
finds candidates and explains agreements; by itself it proves nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from intake.engines.matching.spelling import UNVOCALISED, fold, is_unvocalised


class PhoneticRule(NamedTuple):
    """A regular expression of letters, the sound that replaces them, and two spellings with the same key by it."""

    pattern: str
    sound: str
    example: tuple[str, str]


RULES = (
    PhoneticRule(r"ñ", "n", ("Muñoz", "Munoz")),
    PhoneticRule(r"ph", "f", ("Sophía", "Sofía")),
    PhoneticRule(r"th", "t", ("Ruth", "Rut")),
    PhoneticRule(r"ch(?=r)", "K", ("Christian", "Cristian")),
    PhoneticRule(r"^sch|sh|ch", "C", ("Shirley", "Chirley")),
    PhoneticRule(r"ck|cq", "K", ("Jackson", "Jakson")),
    PhoneticRule(r"^s(?=[^aeiouhy])", "es", ("Stefanía", "Estefanía")),
    PhoneticRule(r"(?<=..)y?[eo]v(?=a?$)|(?<=..)y?[eo]ff$", "ov", ("Vorobyov", "Vorobev")),
    PhoneticRule(r"^ps", "S", ("Psiquis", "Siquis")),
    PhoneticRule(r"^xi(?=m)", "ji", ("Ximena", "Jimena")),
    PhoneticRule(r"^x", "S", ("Xiomara", "Siomara")),
    PhoneticRule(r"x", "KS", ("Nixon", "Nikson")),
    PhoneticRule(r"ll(?=ia)", "l", ("William", "Wiliam")),
    PhoneticRule(r"ll(?=(i|y|ie)?$)", "l", ("Nelly", "Neli")),
    PhoneticRule(r"elle$", "el", ("Giselle", "Gisel")),
    PhoneticRule(r"tte$", "t", ("Brigitte", "Brigith")),
    PhoneticRule(r"ll", "y", ("Llanos", "Yanos")),
    PhoneticRule(r"[gh]ü(?=[aeio])|hu(?=[aeio])|wu(?=[eiy])|w(?=[aeiouy])", "W", ("Huamán", "Wamán")),
    PhoneticRule(r"^gu(?=[aeio])|gu(?=[ao])", "W", ("Guilmer", "Wilmer")),
    PhoneticRule(r"gu(?=[ei])", "G", ("Míguez", "Mígues")),
    PhoneticRule(r"qu(?=[ei])|[qk]", "K", ("Quispe", "Kispe")),
    PhoneticRule(r"s?c(?=[eiy])|[zs]", "S", ("Cevallos", "Zeballos")),
    PhoneticRule(r"c", "K", ("Carina", "Karina")),
    PhoneticRule(r"v", "b", ("Valera", "Balera")),
    PhoneticRule(r"^jh?|^g(?=[eiy])|^y(?=[aeiou])|^h?i(?=[aeou])", "Y", ("Yeferson", "Jefferson")),
    PhoneticRule(r"j|g(?=[eiy])", "J", ("Ángela", "Anjela")),
    PhoneticRule(r"y(?=[aeiou])", "Y", ("Trujillo", "Trujiyo")),
    PhoneticRule(r"y", "i", ("Nancy", "Nanci")),
    PhoneticRule(r"[wü]", "u", ("Andrew", "Andreu")),
    PhoneticRule(r"(?<=a)h(?=[bdfmrst])", "H", ("Sahda", "Zahda")),
    PhoneticRule(r"h", "", ("Hernández", "Ernández")),
    PhoneticRule(r"ie$|ee", "i", ("Aileen", "Ailin")),
    PhoneticRule(r"ng$", "n", ("Mayerling", "Mayerlin")),
    PhoneticRule(r"(?<=..)[dt]$", "", ("Trinidad", "Trinida")),
    PhoneticRule(r"m(?=[pbf]|$)", "n", ("Humberto", "Unberto")),
    PhoneticRule(r"(?i)(.)\1+", r"\1", ("Yessica", "Yesica")),
)
"""Applied from top to bottom. A capital letter is a final sound, which later rules leave unchanged."""

_COMPILED = tuple((re.compile(rule.pattern), rule.sound) for rule in RULES)


@lru_cache(maxsize=1 << 18)
def phonetic_key(word: str) -> str:
    """Return the key of a word: `phonetic_key("Zeballos") == phonetic_key("Cevallos")`.

    The key is empty only where the word has no letter. A word of an abjad (`·MHMD`) is its own key.
    """
    if is_unvocalised(word):
        return word.removeprefix(UNVOCALISED)
    key = "".join(letter for letter in fold(word) if letter.isalpha())
    for pattern, sound in _COMPILED:
        key = pattern.sub(sound, key)
    return key.upper()
