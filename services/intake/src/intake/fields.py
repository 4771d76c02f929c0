"""The types of fields that several API schemas share, and the base of request bodies."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from solidary.language.placeholders import is_placeholder
from solidary.language.strict import StrictModel


class RequestBody(StrictModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(frozen=True)


def _telephone(text: str) -> str:
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as error:
        raise ValueError("This is not a telephone number. Write it with + and the country code.") from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError("This telephone number is not possible. Check its digits.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


_FIRST_ZONE = timezone(timedelta(hours=14))
"""The zone in which a day begins first; commands compare a day with that of the instance (`UnitOfWork.today`)."""


def _not_in_the_future(day: date) -> date:
    if day > datetime.now(_FIRST_ZONE).date():
        raise ValueError("This day is in the future.")
    return day


def require_number(text: str) -> str:
    """Return the number of a document or an account. Raises ValueError for a placeholder."""
    if is_placeholder(text):
        raise ValueError("This is no number. Leave it out where there is none, and copy it digit by digit.")
    return text


FINEST_RESOLUTION = 9
"""The finest resolution of H3 that is stored; a finer cell would disclose the building where a person lives."""


def _no_finer_than_allowed(cell: str) -> str:
    if int(cell[1], 16) > FINEST_RESOLUTION:
        raise ValueError(
            f"This cell is so small that it discloses a dwelling. Send its parent of resolution {FINEST_RESOLUTION}."
        )
    return cell


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
IdentifyingNumber = Annotated[Name, AfterValidator(require_number)]
"""The number of a document or an account; a placeholder such as «no tiene» is refused."""
NoteText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Telephone = Annotated[str, StringConstraints(max_length=40), AfterValidator(_telephone)]
PastDay = Annotated[date, Field(ge=date(1900, 1, 1)), AfterValidator(_not_in_the_future)]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9A-Z]{0,12}$")]
GridCell = Annotated[
    str, StringConstraints(pattern=r"^8[0-9a-f]{14}$"), AfterValidator(_no_finer_than_allowed)
]
LocalCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
"""A code that an agency chooses itself, such as `rented_room`."""
NeedCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z]{2,4})?$")]
