"""The types of values in HSDS fields, and the base of every HSDS object."""

from __future__ import annotations

import calendar
import ipaddress
import re
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, GetCoreSchemaHandler, Strict, StringConstraints
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


class HsdsObject(BaseModel):
    """The base of HSDS objects.

    JSON types are taken literally (`"12"` is not a number); fields of a publisher's own profile are kept.
    """

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)


T = TypeVar("T")


class _NotNull:
    """A field that may be left out but not be null: no JSON Schema `type` of HSDS includes null."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        nullable = handler(source)
        assert nullable["type"] == "nullable", nullable["type"]
        inner: CoreSchema = nullable["schema"]
        return inner


Omittable = Annotated[T | None, _NotNull()]
Array = Annotated[tuple[T, ...], Strict(False)]
"""A JSON array; a missing one is empty."""


class _Number:
    """A JSON number: a whole number stays an int, and true is not a number."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.union_schema(
            [core_schema.int_schema(strict=True), core_schema.float_schema(strict=True, allow_inf_nan=False)],
            custom_error_type="number",
            custom_error_message="This must be a number.",
        )


Number = Annotated[int | float, _Number()]


def _require_whole(number: int | float) -> int | float:
    if number != int(number):
        raise PydanticCustomError("whole_number", "This must be a whole number.")
    return number


WholeNumber = Annotated[Number, AfterValidator(_require_whole)]
"""The `integer` of JSON Schema, which includes 10.0."""

UUID_PATTERN = r"^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$"
EMAIL_PATTERN = r"^[^@\s]+@[^@\s]+$"

Identifier = Annotated[str, StringConstraints(pattern=UUID_PATTERN)]
Email = Annotated[str, StringConstraints(pattern=EMAIL_PATTERN)]

_PCHAR = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
_URI = re.compile(
    rf"""[A-Za-z][A-Za-z0-9+.\-]*:                       # scheme
    (?: //(?P<authority>[^/?\#]*)(?:/{_PCHAR}*)*         # //authority/path
      | /(?:{_PCHAR}+(?:/{_PCHAR}*)*)?                   # /path
      | {_PCHAR}+(?:/{_PCHAR}*)*                         # path
      | )
    (?:\?(?:{_PCHAR}|[/?])*)?(?:\#(?:{_PCHAR}|[/?])*)?   # ?query #fragment
    """,
    re.VERBOSE,
)
_AUTHORITY = re.compile(
    r"""(?:(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})*@)?
    (?: \[(?P<literal>[^\]]*)\] | (?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})* )
    (?::[0-9]*)?
    """,
    re.VERBOSE,
)
_IP_FUTURE = re.compile(r"v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+", re.IGNORECASE)


def _is_uri(text: str) -> bool:
    """Return whether a text is a URI (RFC 3986, appendix A): with a scheme, without spaces, in ASCII."""
    uri = _URI.fullmatch(text)
    if uri is None or uri["authority"] is None:
        return uri is not None
    authority = _AUTHORITY.fullmatch(uri["authority"])
    return authority is not None and (authority["literal"] is None or _is_ip_literal(authority["literal"]))


def _is_ip_literal(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return _IP_FUTURE.fullmatch(text) is not None
    return "%" not in text


def require_uri(text: str) -> str:
    """Return a URI. Raises PydanticCustomError for any other text."""
    if not _is_uri(text):
        raise PydanticCustomError("uri", "This must be a URI with its scheme (https://…) as in RFC 3986.")
    return text


Uri = Annotated[str, AfterValidator(require_uri)]

_DATE_TIME = re.compile(
    r"([0-9]{4})-(0[1-9]|1[0-2])-([0-9]{2})[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def require_date_time(text: str) -> str:
    """Return a date and time of RFC 3339. Raises PydanticCustomError for any other text."""
    parts = _DATE_TIME.fullmatch(text)
    if parts is None or not _is_day(int(parts[1]), int(parts[2]), int(parts[3])):
        raise PydanticCustomError(
            "date_time", "This must be a date and time with an offset as in RFC 3339 (2026-01-31T10:00:00Z)."
        )
    return text


def _is_day(year: int, month: int, day: int) -> bool:
    return year > 0 and 1 <= day <= calendar.monthrange(year, month)[1]


DateTime = Annotated[str, AfterValidator(require_date_time)]
