"""A coded profile of a person without their identity: only fields that are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from solidary.language.codes.people import Sex

from referrals.engines.eligibility.vocabulary import (
    STATUS_FIELDS,
    FieldKind,
    ProfileField,
    Vocabulary,
    suggest_spelling,
)

Value: TypeAlias = int | str | tuple[str, ...]
Profile: TypeAlias = Mapping[str, Value]
"""The known fields. A missing field is unknown; an empty tuple means that the person has none."""

LARGEST_NUMBER = 150
"""The upper limit of a field that holds a number (an age, a household)."""

MOST_CODES = 100
"""The upper limit of codes in one field."""


class InvalidProfile(ValueError):
    """A profile with an invalid field. `reason` is a sentence, `path` leads to the field or to one of its codes."""

    def __init__(self, reason: str, field: str, index: int | None = None):
        self.reason = reason
        self.path: tuple[str | int, ...] = (field,) if index is None else (field, index)
        super().__init__(reason)


def read_profile(values: Mapping[str, object], vocabulary: Vocabulary) -> Profile:
    """Return the profile of JSON values; null and the sex `unknown` count as missing. Raises InvalidProfile."""
    known: dict[str, Value] = {}
    for name, value in values.items():
        field = vocabulary.get(name)
        if field is None:
            raise InvalidProfile(unknown_field_reason(name, vocabulary), name)
        if value is not None and not (name == "sex" and value == Sex.UNKNOWN):
            known[name] = _value(field, value)
    return known


def unknown_field_reason(name: str, vocabulary: Vocabulary) -> str:
    """Return the sentence that refuses a field which the vocabulary does not have."""
    if name in STATUS_FIELDS:
        return f"The field '{name}' is not available: eligibility never depends on a person's legal status."
    return f"There is no field '{name}'.{suggest_spelling(name, vocabulary)}"


def _value(field: ProfileField, value: object) -> Value:
    if field.kind is FieldKind.NUMBER:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_NUMBER:
            raise InvalidProfile(f"This must be a whole number from 0 to {LARGEST_NUMBER}.", field.name)
        return value
    if field.kind is not FieldKind.CODES:
        return _code(field, value)
    if not isinstance(value, list) or len(value) > MOST_CODES:
        raise InvalidProfile(f"This must be an array of at most {MOST_CODES} codes.", field.name)
    return tuple(_code(field, code, index) for index, code in enumerate(value))


def _code(field: ProfileField, value: object, index: int | None = None) -> str:
    if not isinstance(value, str):
        raise InvalidProfile("This must be a code in quotes.", field.name, index)
    if reason := field.refusal(value):
        raise InvalidProfile(reason, field.name, index)
    return value
