"""Text that nobody means: lone surrogates, U+0000, text without a visible character, numbers without an end.

It is refused wherever it comes from outside, so that no schema, rule or statement need expect it.
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


def fault_in_text(text: str) -> str | None:
    """Return what is wrong with a text, as a sentence; None for one that somebody may have written."""
    if text.isprintable() and not text.isspace() and len(text) <= MAX_DIGITS and _INVISIBLE.isdisjoint(text):
        return None
    if "\0" in text:
        return "This text has the character U+0000. Leave it out."
    if not _is_unicode(text):
        return "This text has half of a character (a lone surrogate). Leave it out."
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
