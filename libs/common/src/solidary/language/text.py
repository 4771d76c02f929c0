"""The one rule for text that comes in, wherever it comes from.

Text that nobody means is refused: lone surrogates, U+0000, text without a visible character, numbers without an end.
Other text is folded: spellings that look the same become the same. So no schema, rule or statement need expect either.
"""

from __future__ import annotations

import re
import unicodedata

MAX_DIGITS = 100
"""The most digits of a number, also of one in a text."""

_LONG_NUMBER = re.compile(rf"\d{{{MAX_DIGITS + 1}}}")
_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that are blank."""
_INVISIBLE_CATEGORIES = ("C", "Z", "M")
"""Control and format characters, spaces, and marks without a letter that carries them."""


_PLAIN = re.compile(r"(?! )(?!.*  )[\x20-\x7e]*(?<! )")
"""Text that folding leaves as it is, which most is."""
_ZERO_WIDTH = re.compile(
    "[\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
"""Control characters, soft hyphens, zero-width spaces, and marks of the direction of writing."""
_JOINERS = re.compile("(?<![^\x00-\u024f\\s])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\u024f\\s])")
"""Joiners that join nothing: between letters of a script that has them (Persian, Hindi) and in emoji they stay."""
_SPACES = re.compile(r"[^\S\n]+")
_NEWLINES = re.compile("\r\n?|[\u2028\u2029\x85]")


def fold(text: str) -> str:
    """Return a text as it is kept: in NFC, without invisible characters, with one space where there are several.

    Lines stay lines. A text without a visible character becomes empty.
    """
    if _PLAIN.fullmatch(text):
        return text
    text = _NEWLINES.sub("\n", _ZERO_WIDTH.sub("", text))
    text = unicodedata.normalize("NFC", _JOINERS.sub("", unicodedata.normalize("NFC", text)))
    if all(map(_is_invisible, text)):
        return ""
    return "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n")).strip()


def unreadable_in(text: str) -> str | None:
    """Return what no text may have, as a sentence; None for text that can be stored and written."""
    if text.isascii() and "\0" not in text:
        return None
    if "\0" in text:
        return "This text has the character U+0000. Leave it out."
    if not _is_unicode(text):
        return "This text has half of a character (a lone surrogate). Leave it out."
    return None


def fault_in_text(text: str) -> str | None:
    """Return what is wrong with a text, as a sentence; None for one that somebody may have written."""
    if text.isprintable() and not text.isspace() and len(text) <= MAX_DIGITS and _INVISIBLE.isdisjoint(text):
        return None
    if reason := unreadable_in(text):
        return reason
    if text and all(map(_is_invisible, text)):
        return "This text has no visible character. Write something, or leave the field out."
    if _LONG_NUMBER.search(text):
        return f"This text has a number of more than {MAX_DIGITS} digits."
    return None


def require_meaning(text: str) -> str:
    """Return the text, for a schema's field (`AfterValidator`). Raises ValueError with the reason against it."""
    if reason := fault_in_text(text):
        raise ValueError(reason)
    return text


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_invisible(character: str) -> bool:
    return character in _INVISIBLE or unicodedata.category(character)[0] in _INVISIBLE_CATEGORIES
