"""What may be written into a bank message: characters, identifiers, account numbers.

Characters: the Latin set that every bank accepts (SWIFT "x", taken up by the European Payments Council's
guidance EPC217-08 on the use of a Latin character set). Identifiers (same source): that set, without a
slash at either end and without two in a row.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from xml.sax.saxutils import escape

_LATIN = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]+")
_IDENTIFIER = re.compile(r"(?![/ ])(?!.*//)[A-Za-z0-9/\-?:().,'+ ]{1,35}(?<![/ ])")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_REPLACED = str.maketrans(
    {"ß": "ss", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "Đ": "D"}
    | {"đ": "d", "&": "+", "’": "'", "‘": "'", "´": "'", "`": "'", "“": "'", "”": "'", '"': "'", "–": "-"}
    | {"—": "-", "_": "-", ";": ",", "¿": "?", "¡": "."}
)


class Alphabet(StrEnum):
    """Which characters a bank accepts in names and remittance information."""

    LATIN = "latin"
    UNICODE = "unicode"


class BadText(ValueError):
    """A value that must not, or cannot, be written."""


def words(text: str, alphabet: Alphabet, most: int) -> str:
    """A name or a remittance line as it is written, escaped for XML.

    For a Latin bank accents go (José Núñez: Jose Nunez); what has no Latin form is refused rather than
    dropped, for half a name pays the wrong person. Longer than `most` characters is refused for the same.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if alphabet is Alphabet.LATIN and text and not _LATIN.fullmatch(text):
        text = _latin(text)
    if not text or len(text) > most:
        raise BadText(f"{text!r} is {'empty' if not text else f'longer than {most} characters'}")
    if not text.isprintable():
        raise BadText(f"{text!r} has a character that cannot be seen")
    return escape(text)


def _latin(text: str) -> str:
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.translate(_REPLACED))
        if not unicodedata.combining(letter)
    )
    if plain and not _LATIN.fullmatch(plain):
        strange = sorted({letter for letter in plain if not _LATIN.fullmatch(letter)})
        raise BadText(f"{text!r} has characters without a Latin form: {' '.join(strange)}")
    return plain


def identifier(text: str, most: int = 35) -> str:
    """An identifier, written exactly as given or refused."""
    if len(text) > most or not _IDENTIFIER.fullmatch(text):
        raise BadText(
            f"{text!r} is no identifier: 1 to {most} Latin characters, no slash at an end nor two together"
        )
    return text


def iban(text: str) -> str:
    """An international account number without its spaces, its check digits verified (ISO 13616, ISO 7064)."""
    compact = text.replace(" ", "").upper()
    if not _IBAN.fullmatch(compact):
        raise BadText(f"{text!r} does not look like an IBAN")
    if int("".join(str(int(sign, 36)) for sign in compact[4:] + compact[:4])) % 97 != 1:
        raise BadText(f"{text!r} is mistyped: the check digits of an IBAN do not fit")
    return compact


def bic(text: str) -> str:
    """A bank's identifier (ISO 9362), 8 or 11 characters."""
    if not _BIC.fullmatch(text):
        raise BadText(f"{text!r} is no BIC")
    return text
