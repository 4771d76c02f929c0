"""Placeholders: what people write where a number, a name or a birthday is asked for and there is none.

A country pack adds its own words (`placeholders`), and the commands on files have an option for them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import date

_NO_NUMBER = """
NA NINGUNO NINGUNA NINGUN NO NOTIENE NOPOSEE NOHAY NOAPLICA NOSABE NOSE NORECUERDA NODISPONIBLE NOPORTA NOTRAE
NOPRESENTA SIN SINDOCUMENTO SINDOCUMENTOS SINNUMERO SINCUENTA SINPAPELES SINDATO SINDATOS SINIDENTIFICACION SN SD ND
NC INDOCUMENTADO INDOCUMENTADA EXTRAVIADO EXTRAVIADA PERDIDO PERDIDA ENTRAMITE NULL NIL NONE NOTHING NODOCUMENT
NODOCUMENTS NOACCOUNT NONUMBER NOTAVAILABLE NOTAPPLICABLE UNKNOWN DESCONOCIDO DESCONOCIDA PENDIENTE PENDING
PORDEFINIR TBD TEST PRUEBA AUCUN AUCUNE NEANT SANSPAPIERS SANSDOCUMENT INCONNU PAGEN PAGENYEN OKENN
"""
_NO_NAME = """
NN SINNOMBRE NOTIENE NOSABE NOAPLICA NOIDENTIFICADO NOIDENTIFICADA DESCONOCIDO DESCONOCIDA UNKNOWN NONAME INCONNU
INCONNUE FNU LNU SINAPELLIDO SINAPELLIDOS NOTIENEAPELLIDO
"""
_WORDS, _NAMES = frozenset(_NO_NUMBER.split()), frozenset(_NO_NAME.split())
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,3}")
_SEQUENCES = ("0123456789", "1234567890", "9876543210")
MIN_CHARACTERS = 3
UNKNOWN_BIRTHDAYS = frozenset(
    {
        date(1, 1, 1),
        date(1111, 11, 11),
        date(1753, 1, 1),
        date(1899, 12, 30),
        date(1899, 12, 31),
        date(1900, 1, 1),
    }
    | {date(1901, 1, 1), date(9999, 12, 31)}
)
"""The first and last days of calendars, which forms and spreadsheets fill in where no birthday is known."""


def is_placeholder(number: str, also: Collection[str] = ()) -> bool:
    """Return True for text that is no number of a document or an account.

    These are words such as «no tiene», signs alone, one character repeated, digits that are counted up or down, and a
    number that a spreadsheet turned into 5.07612E+10, of which the last digits are lost. `also` has further words.
    """
    text = unicodedata.normalize("NFKD", number).upper()
    compact = _compact(number)
    return (
        len(compact) < MIN_CHARACTERS
        or compact in _WORDS
        or len(set(compact)) == 1
        or (len(compact) > 5 and any(compact in sequence for sequence in _SEQUENCES))
        or _SCIENTIFIC.fullmatch(text.strip()) is not None
        or any(compact == _compact(word) for word in also)
    )


def is_placeholder_name(name: str, also: Collection[str] = ()) -> bool:
    """Return True for text in place of a name: «N. N.», «sin nombre», «xxx». Short names such as Li or No are names."""
    compact = _compact(name)
    is_repeated = len(compact) >= MIN_CHARACTERS and len(set(compact)) == 1
    return compact in _NAMES or is_repeated or any(compact == _compact(word) for word in also)


def is_conventional_birthday(born: date) -> bool:
    """Return True for 1 January, which desks and registers write where only the year is known."""
    return (born.month, born.day) == (1, 1)


def _compact(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text).upper() if sign.isalnum())
