"""A person's record as matching compares it: normalised once, compared often."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from solidary.language.placeholders import is_placeholder, is_placeholder_name

from intake.engines.matching import birth_dates, names, spelling
from intake.engines.matching.birth_dates import BirthDate
from intake.engines.matching.spelling import MAX_CHARACTERS, fold

ADDRESS_FIELDS = ("street_number", "address_1", "address_2", "suburb", "postcode", "state")


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Names as comparable words, date of birth and other fields; all of them optional."""

    given: tuple[str, ...] = ()
    surnames: tuple[str, ...] = ()
    married: tuple[str, ...] = ()
    born: BirthDate | None = None
    sex: str = ""
    document: str = ""
    document_kind: str = ""
    document_issuer: str = ""
    telephone: str = ""
    address: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_texts(
        cls,
        *,
        given_name: str = "",
        surname: str = "",
        second_surname: str = "",
        date_of_birth: str = "",
        sex: str = "",
        document: str = "",
        document_kind: str = "",
        document_issuer: str = "",
        telephone: str = "",
        placeholders: Collection[str] = (),
        **address: str,
    ) -> PersonRecord:
        """Normalise the texts of a form or a file; `address` takes the fields named in ADDRESS_FIELDS.

        Both surnames may be in `surname`, or the second in `second_surname`. A placeholder («no tiene», or one of
        `placeholders`) is no document, telephone or name.
        """
        written = [
            "" if is_placeholder_name(text[:MAX_CHARACTERS], placeholders) else text[:MAX_CHARACTERS]
            for text in (given_name, surname, second_surname)
        ]
        birth, married = spelling.split_surnames(f"{written[1]} {written[2]}".strip())
        digits = "".join(filter(str.isdigit, telephone[:MAX_CHARACTERS]))[-8:]
        return cls(
            given=names.expand_abbreviations(spelling.name_words(written[0])),
            surnames=names.expand_abbreviations(birth),
            married=married,
            born=birth_dates.parse_birth_date(date_of_birth),
            sex=fold(sex[:MAX_CHARACTERS].strip())[:1],
            document=_document_number(document[:MAX_CHARACTERS], placeholders),
            document_kind=fold(document_kind[:MAX_CHARACTERS].strip()),
            document_issuer=fold(document_issuer[:MAX_CHARACTERS].strip()),
            telephone="" if is_placeholder(digits) else digits,
            address={
                name: folded
                for name, text in address.items()
                if (folded := fold(text[:MAX_CHARACTERS].strip()))
            },
        )


def _document_number(text: str, placeholders: Collection[str]) -> str:
    if not text or is_placeholder(text, placeholders):
        return ""
    return "".join(letter for letter in text.casefold() if letter.isalnum())
