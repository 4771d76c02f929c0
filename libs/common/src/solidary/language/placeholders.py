"""Placeholders: what people write where a number is asked for and there is none."""

from __future__ import annotations

import re
import unicodedata

_WORDS = frozenset(
    {
        "NA",
        "NINGUNO",
        "NINGUNA",
        "NINGUN",
        "NO",
        "NOTIENE",
        "NOPOSEE",
        "NOHAY",
        "NOAPLICA",
        "NOSABE",
        "NODISPONIBLE",
    }
    | {
        "NOPORTA",
        "SIN",
        "SINDOCUMENTO",
        "SINDOCUMENTOS",
        "SINNUMERO",
        "SINCUENTA",
        "SINPAPELES",
        "SN",
        "ND",
        "NULL",
    }
    | {
        "NIL",
        "NONE",
        "NOTHING",
        "NODOCUMENT",
        "NODOCUMENTS",
        "NOACCOUNT",
        "NONUMBER",
        "UNKNOWN",
        "DESCONOCIDO",
    }
    | {"DESCONOCIDA", "PENDIENTE", "PENDING", "PORDEFINIR", "TBD", "TEST", "PRUEBA"}
)
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,3}")
_SEQUENCES = ("0123456789", "1234567890", "9876543210")
MIN_CHARACTERS = 3


def is_placeholder(number: str) -> bool:
    """Return True for text that is no number of a document or an account.

    These are words such as «no tiene», signs alone, one character repeated, digits that are counted up or down, and a
    number that a spreadsheet turned into 5.07612E+10, of which the last digits are lost.
    """
    text = unicodedata.normalize("NFKD", number).upper()
    compact = "".join(sign for sign in text if sign.isalnum())
    return (
        len(compact) < MIN_CHARACTERS
        or compact in _WORDS
        or len(set(compact)) == 1
        or (len(compact) > 5 and any(compact in sequence for sequence in _SEQUENCES))
        or _SCIENTIFIC.fullmatch(text.strip()) is not None
    )
