"""Faults of a file, each with its place, in sentences for its publisher."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from solidary.language.validation import sentence

from referrals.engines.hsds.values import (
    EMAIL_PATTERN,
    UUID_PATTERN,
    HsdsObject,
    require_date_time,
    require_uri,
)


@dataclass(frozen=True)
class Finding:
    """A fault; `place` is a JSON pointer (RFC 6901), or `table:line:column` in a CSV data package.

    A warning is a fault that the official schema accepts.
    """

    place: str
    reason: str
    is_warning: bool = False


class FoundFault(NamedTuple):
    """A fault within a value: its path, its reason (a sentence), and whether the official schema accepts it."""

    path: tuple[str | int, ...]
    reason: str
    is_warning: bool = False


def find_faults(model: type[HsdsObject], value: object, *, in_page: bool = False) -> Iterator[FoundFault]:
    """Yield each fault of a value that should be of a model; a page has a schema of its own."""
    try:
        model.model_validate(value)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            yield FoundFault(detail["loc"], _reason(detail), _is_accepted_by_schema(detail, in_page))


def count_faults(model: type[HsdsObject], value: object, *, in_page: bool) -> tuple[int, int]:
    """Return the number of errors and of warnings of a value, without their sentences."""
    try:
        model.model_validate(value)
    except ValidationError as error:
        details = error.errors(include_url=False)
        warnings = sum(_is_accepted_by_schema(detail, in_page) for detail in details)
        return len(details) - warnings, warnings
    return 0, 0


_BEYOND_THE_SCHEMA = frozenset({"services", "closed"})
"""Fields that the schema of their object does not mention: nested services, and a field of our own.

Nor does that of a service at a location mention its `service`, while that of a page of them does.
"""


def _is_accepted_by_schema(detail: ErrorDetails, in_page: bool) -> bool:
    """Return whether the official schema, with the usual checks of its formats, accepts the value."""
    value, kind = detail["input"], detail["type"]
    steps = set(map(str, detail["loc"]))
    if steps & _BEYOND_THE_SCHEMA or (not in_page and "service" in steps):
        return True
    if not isinstance(value, str):
        return False
    if kind == "string_pattern_mismatch":
        is_email = detail["ctx"]["pattern"] == EMAIL_PATTERN
        return "@" in value if is_email else _is_loosely_uuid(value)
    return kind in ("uri", "date_time") and value.endswith("\n") and not _fails(kind, value[:-1])


def _is_loosely_uuid(text: str) -> bool:
    """Return whether Python reads a text as a UUID, with its hyphens in their places."""
    try:
        UUID(text)
    except ValueError:
        return False
    return all(text[place : place + 1] == "-" for place in (8, 13, 18, 23))


def _fails(kind: str, text: str) -> bool:
    try:
        (require_uri if kind == "uri" else require_date_time)(text)
    except PydanticCustomError:
        return True
    return False


_PATTERNS = {
    UUID_PATTERN: "a UUID, as in 5c4d79d7-cc55-470e-9f1f-8cad074e4892",
    EMAIL_PATTERN: "an e-mail address",
}
_TYPES = {
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "an array",
    "model_type": "an object",
    "number": "a number",
    "whole_number": "a whole number",
    "uri": "a URI with its scheme (https://…) as in RFC 3986",
    "date_time": "a date and time with an offset as in RFC 3339 (2026-01-31T10:00:00Z)",
}


def _reason(detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind == "missing":
        return "This field is required."
    if kind == "string_pattern_mismatch":
        required = _PATTERNS[detail["ctx"]["pattern"]]
    elif kind == "literal_error":
        required = detail["ctx"]["expected"]
    elif kind in _TYPES:
        required = _TYPES[kind]
    else:
        return sentence(detail)
    return f"This must be {required}, not {_shown(detail['input'])}."


_JSON_TYPES = {
    dict: "an object",
    list: "an array",
    type(None): "null (leave the field out instead)",
}


def _shown(value: object) -> str:
    """Return a value as it was written, cut where it is long."""
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:59] + "…")
    if isinstance(value, bool):
        return "true" if value else "false"
    return _JSON_TYPES.get(type(value), str(value)[:60])
