"""Faults of a file, each with its place, in sentences for its publisher."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from solidary.language.validation import sentence

from referrals.engines.hsds.values import EMAIL_PATTERN, UUID_PATTERN, HsdsObject


@dataclass(frozen=True)
class Finding:
    """A fault; `place` is a JSON pointer (RFC 6901), or `table:line:column` in a CSV data package."""

    place: str
    reason: str


FoundFault: TypeAlias = tuple[tuple[str | int, ...], str]
"""A fault within a value: its path and its reason, a sentence."""


def find_faults(model: type[HsdsObject], value: object) -> Iterator[FoundFault]:
    """Yield each fault of a value that should be of a model."""
    try:
        model.model_validate(value)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            yield detail["loc"], _reason(detail)


def count_faults(model: type[HsdsObject], value: object) -> int:
    """Return the number of faults, in a tenth of the time that `find_faults` needs."""
    try:
        model.model_validate(value)
    except ValidationError as error:
        return error.error_count()
    return 0


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
