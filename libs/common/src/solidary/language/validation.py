"""Faults of an input in plain sentences: what pydantic found, without pydantic's words.

Every reader of input from outside (request bodies, parameters, uploaded files, files of commands) reports
its faults through `faults_of`, so that the same mistake reads the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BeforeValidator
from pydantic_core import ErrorDetails, PydanticCustomError

from solidary.language.problems import Fault, json_pointer

SENTENCES = {
    "missing": "This field is required.",
    "extra_forbidden": "This field is not known here. Check its spelling, or leave it out.",
    "string_type": "This must be text.",
    "string_too_short": "This must have at least {min_length} characters.",
    "string_too_long": "This must have at most {max_length} characters.",
    "string_pattern_mismatch": "This must match the pattern {pattern}.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "int_parsing_size": "This number is too large.",
    "int_from_float": "This must be a whole number.",
    "float_type": "This must be a number.",
    "float_parsing": "This must be a number.",
    "finite_number": "This must be a finite number.",
    "decimal_parsing": "This must be a number.",
    "decimal_type": "This must be a number.",
    "decimal_max_places": "This must have at most {decimal_places} decimal places.",
    "decimal_max_digits": "This must have at most {max_digits} digits.",
    "decimal_whole_digits": "This must have at most {whole_digits} digits before the decimal point.",
    "greater_than": "This must be greater than {gt}.",
    "greater_than_equal": "This must be at least {ge}.",
    "less_than": "This must be less than {lt}.",
    "less_than_equal": "This must be at most {le}.",
    "multiple_of": "This must be a multiple of {multiple_of}.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "enum": "This must be one of {expected}.",
    "literal_error": "This must be one of {expected}.",
    "list_type": "This must be a list.",
    "tuple_type": "This must be a list.",
    "set_type": "This must be a list.",
    "frozen_set_type": "This must be a list.",
    "dict_type": "This must be an object.",
    "mapping_type": "This must be an object.",
    "model_type": "This must be an object.",
    "model_attributes_type": "This must be an object.",
    "dataclass_type": "This must be an object.",
    "too_short": "This must have at least {min_length} entries; it has {actual_length}.",
    "too_long": "This must have at most {max_length} entries.",
    "none_required": "This must be null.",
    "uuid_type": "This must be an identifier (UUID).",
    "uuid_parsing": "This must be an identifier (UUID).",
    "uuid_version": "This must be an identifier (UUID version {expected_version}).",
    "date_type": "This must be a date, as in 2026-11-30.",
    "date_parsing": "This must be a date, as in 2026-11-30.",
    "date_from_datetime_parsing": "This must be a date, as in 2026-11-30.",
    "date_from_datetime_inexact": "This must be a date without a time, as in 2026-11-30.",
    "date_past": "This date must lie in the past.",
    "date_future": "This date must lie in the future.",
    "datetime_type": "This must be a date and time with its zone, as in 2026-11-30T09:00:00-05:00.",
    "datetime_parsing": "This must be a date and time with its zone, as in 2026-11-30T09:00:00-05:00.",
    "datetime_from_date_parsing": "This must be a date and time with its zone, as in 2026-11-30T09:00:00-05:00.",
    "timezone_aware": "This date and time needs its zone, as in 2026-11-30T09:00:00-05:00.",
    "time_type": "This must be a time, as in 09:00.",
    "time_parsing": "This must be a time, as in 09:00.",
    "url_type": "This must be a web address.",
    "url_parsing": "This must be a web address.",
    "url_scheme": "This web address must begin with {expected_schemes}.",
    "json_invalid": "This is not valid JSON: {error}.",
    "json_type": "This must be JSON.",
    "bytes_type": "This must be text.",
    "is_instance_of": "This has the wrong type.",
    "union_tag_invalid": "The field {discriminator} must be one of {expected_tags}.",
    "union_tag_not_found": "The field {discriminator} is required.",
    "unexpected_keyword_argument": "This field is not known here. Check its spelling, or leave it out.",
    "missing_argument": "This field is required.",
}
"""A sentence for each kind of fault that pydantic reports, with pydantic's own context as its values."""


def at_most(number: int) -> BeforeValidator:
    """Refuse a longer tuple or set before any of its entries is checked, as pydantic does for a list.

    needs: Annotated[tuple[NeedIn, ...], Field(max_length=20), at_most(20)]
    """

    def check(value: object) -> object:
        if isinstance(value, list | tuple | set | frozenset) and len(value) > number:
            raise PydanticCustomError("too_long", "too long", {"max_length": number})
        return value

    return BeforeValidator(check)


def faults_of(errors: Iterable[ErrorDetails | Mapping[str, Any]], document: object = None) -> list[Fault]:
    """Return a fault with a JSON pointer into `document` for each of pydantic's errors."""
    return [Fault(json_pointer(_steps(each["loc"], document)), sentence(each)) for each in errors]


def sentence(error: ErrorDetails | Mapping[str, Any]) -> str:
    """Return one of pydantic's errors as a plain sentence."""
    context = error.get("ctx") or {}
    kind = error["type"]
    if kind in ("value_error", "assertion_error"):
        return _own_words(str(context.get("error", error["msg"])))
    if kind == "date_from_datetime_parsing" and "error" in context:
        return SENTENCES[kind]
    template = SENTENCES.get(kind)
    if template is None:
        return _own_words(error["msg"])
    try:
        return template.format(**context)
    except KeyError:
        return _own_words(error["msg"])


def _own_words(text: str) -> str:
    text = text.removeprefix("Value error, ").removeprefix("Assertion failed, ").strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _steps(path: Sequence[str | int], document: object) -> Iterator[str | int]:
    """Yield the steps that exist in the document; pydantic also names the branch of a union, which does not."""
    if document is None:
        yield from path
        return
    for number, step in enumerate(path, 1):
        if isinstance(document, Mapping) and (step in document or number == len(path)):
            document = document.get(step)
        elif isinstance(document, list) and isinstance(step, int):
            document = document[step] if step < len(document) else None
        else:
            continue
        yield step
