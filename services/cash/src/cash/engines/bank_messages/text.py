"""Characters, identifiers and account numbers as they may be written into a bank message.

Characters: the Latin set that every bank accepts (SWIFT "x", adopted by the European Payments Council's
guidance EPC217-08 on the use of a Latin character set). Identifiers (same source): that set, without a
slash at either end and without two in a row.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from xml.sax.saxutils import escape

MAX_IDENTIFIER = 35
"""The length that ISO 20022 gives an identifier or a proprietary code."""

_LATIN = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]+")
_IDENTIFIER = re.compile(r"(?![/ ])(?!.*//)[A-Za-z0-9/\-?:().,'+ ]{1,35}(?<![/ ])")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_TRANSLITERATION = str.maketrans(
    {"ß": "ss", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "Đ": "D"}
    | {"đ": "d", "&": "+", "’": "'", "‘": "'", "´": "'", "`": "'", "“": "'", "”": "'", '"': "'", "–": "-"}
    | {"—": "-", "_": "-", ";": ",", "¿": "?", "¡": "."}
)


class Alphabet(StrEnum):
    """The characters that a bank accepts in names and remittance information."""

    LATIN = "latin"
    UNICODE = "unicode"


class InvalidText(ValueError):
    """A value that cannot, or must not, be written into a message."""


def format_text(text: str, alphabet: Alphabet, max_length: int) -> str:
    """Return a name or a remittance line as it is written, escaped for XML.

    For the Latin alphabet accents are removed (José Núñez: Jose Nunez). Raises InvalidText for a character
    without a Latin form and for a text that is too long: a shortened name could pay the wrong person.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if alphabet is Alphabet.LATIN and text and not _LATIN.fullmatch(text):
        text = _to_latin(text)
    if not text:
        raise InvalidText("The text is empty.")
    if len(text) > max_length:
        raise InvalidText(f"{text!r} is longer than {max_length} characters.")
    if not text.isprintable():
        raise InvalidText(f"{text!r} contains an invisible character.")
    return escape(text)


def _to_latin(text: str) -> str:
    latin = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.translate(_TRANSLITERATION))
        if not unicodedata.combining(letter)
    )
    if latin and not _LATIN.fullmatch(latin):
        foreign = sorted({letter for letter in latin if not _LATIN.fullmatch(letter)})
        raise InvalidText(f"{text!r} contains characters without a Latin form: {' '.join(foreign)}")
    return latin


def format_identifier(text: str, max_length: int = MAX_IDENTIFIER) -> str:
    """Return an identifier unchanged. Raises InvalidText where it cannot be written as it is."""
    if len(text) > max_length or not _IDENTIFIER.fullmatch(text):
        raise InvalidText(
            f"{text!r} is not an identifier: it needs 1 to {max_length} Latin characters, without a slash at either "
            "end and without two slashes in a row."
        )
    return text


def format_iban(text: str) -> str:
    """Return an IBAN without its spaces. Its check digits are verified (ISO 13616, ISO 7064); raises InvalidText."""
    compact = text.replace(" ", "").upper()
    if not _IBAN.fullmatch(compact):
        raise InvalidText(f"{text!r} is not an IBAN.")
    if int("".join(str(int(sign, 36)) for sign in compact[4:] + compact[:4])) % 97 != 1:
        raise InvalidText(
            f"{text!r} is not a valid IBAN: its check digits are wrong. Check for a typing error."
        )
    return compact


def format_bic(text: str) -> str:
    """Return a bank's identifier (ISO 9362), 8 or 11 characters. Raises InvalidText."""
    if not _BIC.fullmatch(text):
        raise InvalidText(f"{text!r} is not a BIC.")
    return text
