"""What a query says of somebody: coded, without identity, and only what is known."""

from __future__ import annotations

from collections.abc import Mapping

from solidary.language.codes.people import Sex

from referrals.engines.eligibility.vocabulary import NEVER_ASKED, Field, Kind, Vocabulary, near

Value = int | str | tuple[str, ...]
Profile = Mapping[str, Value]
"""The known fields. A field that is not there is not known; an empty tuple is known to be none."""

MOST = 150
"""The greatest number that a field holds (an age, a household)."""

LONGEST = 100
"""Codes at most in one field."""


class BrokenProfile(ValueError):
    """`field` (and `index` in its list) holds what it may not."""

    def __init__(self, reason: str, field: str, index: int | None = None):
        self.reason = reason
        self.pointer = f"/{field}" if index is None else f"/{field}/{index}"
        super().__init__(f"{self.pointer}: {reason}")


def profile(values: Mapping[str, object], vocabulary: Vocabulary) -> Profile:
    """A profile of JSON values. Null, and the sex `unknown`, are as good as not there. Raises BrokenProfile."""
    known: dict[str, Value] = {}
    for name, value in values.items():
        field = vocabulary.get(name)
        if field is None:
            raise BrokenProfile(unknown_field(name, vocabulary), name)
        if value is not None and not (name == "sex" and value == Sex.UNKNOWN):
            known[name] = _value(field, value)
    return known


def unknown_field(name: str, vocabulary: Vocabulary) -> str:
    if name in NEVER_ASKED:
        return f"'{name}' is not asked: no rule may depend on a person's status with the state"
    return f"there is no field '{name}'{near(name, vocabulary)}"


def _value(field: Field, value: object) -> Value:
    if field.kind is Kind.NUMBER:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
            raise BrokenProfile(f"must be a whole number from 0 to {MOST}", field.name)
        return value
    if field.kind is not Kind.CODES:
        return _code(field, value)
    if not isinstance(value, list) or len(value) > LONGEST:
        raise BrokenProfile(f"must be an array of at most {LONGEST} codes", field.name)
    return tuple(_code(field, code, index) for index, code in enumerate(value))


def _code(field: Field, value: object, index: int | None = None) -> str:
    if not isinstance(value, str):
        raise BrokenProfile("must be a code, in quotes", field.name, index)
    if fault := field.fault(value):
        raise BrokenProfile(fault, field.name, index)
    return value
