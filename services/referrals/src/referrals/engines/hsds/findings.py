"""What is wrong with a file, where, in words that its publisher can act on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from referrals.engines.hsds.values import EMAIL_PATTERN, UUID_PATTERN, HsdsObject


@dataclass(frozen=True)
class Finding:
    """`place` is a JSON pointer (RFC 6901), or `table:line:column` in a CSV data package."""

    place: str
    reason: str


def pointer(path: Sequence[str | int]) -> str:
    """RFC 6901: `/contents/0/email`; the empty string is the whole document."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def faults(model: type[HsdsObject], value: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Each path within the value where it is not of that model, with the reason. Nothing where it is."""
    try:
        model.model_validate(value)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            yield detail["loc"], _reason(detail)


def fault_count(model: type[HsdsObject], value: object) -> int:
    """How many faults there are, for a tenth of the time that their reasons take."""
    try:
        model.model_validate(value)
    except ValidationError as error:
        return error.error_count()
    return 0


_PATTERNS = {
    UUID_PATTERN: "must be a UUID, as in 5c4d79d7-cc55-470e-9f1f-8cad074e4892",
    EMAIL_PATTERN: "must be an e-mail address",
}
_NEEDED = {
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "tuple_type": "must be an array",
    "model_type": "must be an object",
}


def _reason(detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind == "missing":
        return "is required"
    if kind == "string_pattern_mismatch":
        return f"{_PATTERNS[detail['ctx']['pattern']]}, not {_shown(detail['input'])}"
    if kind == "literal_error":
        return f"must be {detail['ctx']['expected']}, not {_shown(detail['input'])}"
    return f"{_NEEDED.get(kind, detail['msg'])}, not {_shown(detail['input'])}"


_WORDS = {
    dict: "an object",
    list: "an array",
    bool: "true or false",
    type(None): "null (leave it out instead)",
}


def _shown(value: object) -> str:
    """A value as the reader wrote it, cut where it is long."""
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:59] + "…")
    if isinstance(value, bool):
        return "true" if value else "false"
    return _WORDS.get(type(value), str(value)[:60])
