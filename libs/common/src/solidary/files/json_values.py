"""The values of JSON, for each of its readers: members that occur once, numbers with an end, and folded texts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, Never, TypeAlias

from solidary.language.problems import json_pointer
from solidary.language.text import MAX_DIGITS, fold, unreadable_in

JsonPath: TypeAlias = tuple[str | int, ...]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]')
_SPACE_AT_END = re.compile(r' "(?=[\s,:}\]]|$)')
"""A space before a quote that may end a string; one before a quote that begins a string parts two values."""
_LARGE_POWER = re.compile(r"[eE](?<=[\d.][eE])[+-]?\d{3}")
"""The end of a number that may be too large for a float: with two digits and MAX_DIGITS before them none is."""
_NUMBERS = {int, float, Decimal}


class UnreadableText(ValueError):
    """A string that no text may be. `pointer` leads to it."""

    def __init__(self, reason: str, path: JsonPath) -> None:
        self.reason, self.pointer = reason, json_pointer(path)
        super().__init__(reason)


class RepeatedMember(ValueError):
    """An object that has a member twice."""


def decoder(*, exact: bool = False) -> json.JSONDecoder:
    """Return a decoder that refuses what is not JSON or has two meanings. `exact`: decimals are `Decimal`."""
    return json.JSONDecoder(
        object_pairs_hook=_object,
        parse_int=_integer,
        parse_float=_decimal if exact else _float,
        parse_constant=_refuse_constant,
    )


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError("A number has too many digits.")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")) or len(digits) > MAX_DIGITS:
        raise ValueError(f"The number {digits[:MAX_DIGITS]} is too large, or has too many digits.")
    return number


def _decimal(digits: str) -> Decimal:
    try:
        number = Decimal(digits)
    except InvalidOperation:
        number = Decimal("inf")
    if not number.is_finite() or abs(number.adjusted()) > MAX_DIGITS or len(digits) > MAX_DIGITS:
        raise ValueError(f"The number {digits[:MAX_DIGITS]} is too large, or has too many digits.")
    return number


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not part of JSON.")


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) < len(members):
        raise RepeatedMember("An object has a member twice.")
    return value


def decode(text: str, at: int) -> tuple[Any, int]:
    """Return the value that begins at a place, and its end, as `decoder` does.

    The decoder's own functions, of which it calls one for each number, run only where the text leaves a doubt.
    """
    try:
        value, end = _UNCHECKED.raw_decode(text, at)
    except (ValueError, RecursionError):
        return _CHECKED.raw_decode(text, at)
    return (value, end) if _is_beyond_doubt(value, text[at:end]) else _CHECKED.raw_decode(text, at)


def _is_beyond_doubt(value: Any, source: str) -> bool:
    """Return whether the checks of `decoder` would find nothing in a value. `source` is its JSON text."""
    if type(value) in _NUMBERS or "NaN" in source or "Infinity" in source:
        return False
    # As many colons as members: no member was given twice, and none is in a list.
    if source.count(":") != (_members_in(value) if type(value) is dict else 0):
        return False
    # Between two commas is at most one number.
    return max(map(len, source.split(","))) <= MAX_DIGITS and _LARGE_POWER.search(source) is None


def _members_in(value: dict[str, Any]) -> int:
    """Return the number of members of an object and of the objects in it, without those in lists."""
    number = len(value)
    for inner in value.values():
        if type(inner) is dict:
            number += _members_in(inner)
    return number


class Repetition(NamedTuple):
    """A member that an object has twice: the path of the object, the name, and where its two names begin."""

    path: JsonPath
    name: str
    first: int
    second: int


def repetitions(text: str, start: int = 0) -> Iterator[Repetition]:
    """Yield the members that objects have twice, in a value of JSON that begins at `start`."""
    names: list[dict[str, int] | None] = []
    path: list[str | int] = []
    name, at = "", start
    for token in _TOKEN.finditer(text, start):
        sign = token[0][0]
        if sign in "{[":
            names.append({} if sign == "{" else None)
            path.append("" if sign == "{" else 0)
        elif sign in "}]":
            names.pop()
            path.pop()
            if not names:
                return
        elif sign == ":" and (known := names[-1]) is not None:
            if name in known:
                yield Repetition(tuple(path[:-1]), name, known[name], at)
            known.setdefault(name, at)
            path[-1] = name
        elif sign == "," and isinstance(path[-1], int):
            path[-1] += 1
        elif sign == '"':
            name, at = json.loads(token[0]), token.start()


def place_in(text: str, at: int) -> str:
    """Return a place of a text as line and column, from 1."""
    return f"line {text.count(chr(10), 0, at) + 1}, column {at - text.rfind(chr(10), 0, at)}"


def repeated_reason(text: str, place: Callable[[int], str], start: int = 0) -> str:
    """Return the sentence about a member that occurs twice, with both places."""
    found = next(repetitions(text, start), None)
    return "An object has a member twice." if found is None else repetition_reason(found, place)


def repetition_reason(found: Repetition, place: Callable[[int], str]) -> str:
    """Return the sentence about this member, with both places."""
    return f"An object has the member «{found.name[:80]}» twice: at {place(found.first)} and at {place(found.second)}."


def kept(value: Any, source: str, path: JsonPath = (), *, as_written: bool = False) -> Any:
    """Return a value with its strings as they are kept (`text.fold`). `source` is the JSON text of the value.

    `as_written`: its strings are checked only. Raises UnreadableText for U+0000 and lone surrogates.
    """
    if _is_folded(source):
        return value
    folded = _kept(value, path)
    return value if as_written else folded


def _is_folded(source: str) -> bool:
    """Return whether all strings of a JSON text are surely in the form in which they are kept."""
    return (
        source.isascii()
        and "\\" not in source
        and "  " not in source
        and '" ' not in source
        and "\x7f" not in source
        and _SPACE_AT_END.search(source) is None
    )


def _kept(value: Any, path: JsonPath) -> Any:
    if isinstance(value, str):
        if reason := unreadable_in(value):
            raise UnreadableText(reason, path)
        return fold(value)
    if isinstance(value, dict):
        for name in value:
            if reason := unreadable_in(name):
                raise UnreadableText(reason.replace("This text", "The name of a member"), path)
        return {name: _kept(inner, (*path, name)) for name, inner in value.items()}
    if isinstance(value, list) and not set(map(type, value)) <= _NUMBERS:
        return [_kept(inner, (*path, number)) for number, inner in enumerate(value)]
    return value


_CHECKED, _UNCHECKED = decoder(), json.JSONDecoder()
