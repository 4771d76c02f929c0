"""Schemas of what comes from outside: no type is turned into another, and no field is unknown.

`true` is not 1, "5" is not 5, 0 is not the first of January 1970. Texts become dates, identifiers and codes, because
JSON has no other way to write them; a text becomes an amount where it can be read in one way only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal, localcontext
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError

from solidary.language.numbers import parse_number

_NUMBER = re.compile(r"\s*[+-]?[\d._]+(e[+-]?\d+)?\s*", re.IGNORECASE)
_SCALARS = frozenset({"int", "float", "bool"})
_PARTS = (
    "schema",
    "items_schema",
    "keys_schema",
    "values_schema",
    "extras_schema",
    "json_schema",
    "python_schema",
)
_LISTS_OF_PARTS = ("choices", "steps", "items_schema", "definitions")
_NAMED_PARTS = ("fields", "choices")


def is_bare_number(text: str) -> bool:
    """Return whether a text is a number only, which pydantic would read as the seconds since 1970."""
    return _NUMBER.fullmatch(text) is not None


def _make_strict(schema: Any, resolve: Callable[[Any], Any]) -> None:
    """Make the parts of a schema strict, in place. `resolve` returns the schema to which a reference leads."""
    kind = schema.get("type")
    if kind == "definition-ref":
        # A model that is referred to is made strict where it is defined; a dataclass has no such place.
        schema = resolve(schema)
        if schema.get("type") != "dataclass":
            return
    if kind == "function-before" and schema["function"]["function"] in _CHECKS.values():
        return
    if kind in _SCALARS:
        schema["strict"] = True
    elif check := _CHECKS.get(kind):
        inner = dict(schema)
        schema.clear()
        schema |= {
            "type": "function-before",
            "function": {"type": "no-info", "function": check},
            "schema": inner,
        }
        return
    for part in _parts(schema):
        _make_strict(part, resolve)


def _parts(schema: dict[str, Any]) -> Iterable[Any]:
    for name in _PARTS:
        if isinstance(schema.get(name), dict):
            yield schema[name]
    for name in _LISTS_OF_PARTS:
        if isinstance(schema.get(name), list):
            yield from (part[0] if isinstance(part, tuple) else part for part in schema[name])
    for name in _NAMED_PARTS:
        fields = schema.get(name)
        if isinstance(fields, dict):
            yield from (part for part in fields.values() if isinstance(part, dict))
        elif isinstance(fields, list):
            yield from (part for part in fields if isinstance(part, dict))


def _no_number(fault: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, int | float) or (isinstance(value, str) and is_bare_number(value)):
            raise PydanticCustomError(fault, "no date")
        return value

    return check


def _amount(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("decimal_type", "no number")
    if isinstance(value, str):
        number = parse_number(value)
        if "," in value or not value.isascii():
            with localcontext(prec=100):
                return Decimal(number.numerator) / Decimal(number.denominator)
    return value


_CHECKS: dict[Any, Callable[[Any], Any]] = {
    "date": _no_number("date_parsing"),
    "datetime": _no_number("datetime_parsing"),
    "time": _no_number("time_parsing"),
    "decimal": _amount,
}


class StrictModel(BaseModel):
    """The base of request bodies, and of files that commands read."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema with each number, date and truth in it made strict."""
        schema = handler(source)
        _make_strict(handler.resolve_ref_schema(schema), handler.resolve_ref_schema)
        return schema
