"""The JSON of a body before any schema sees it: its values are counted, each has a meaning, and texts are folded."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

from solidary.files.json_values import kept, place_in, repetition_reason, repetitions
from solidary.language.problems import MAX_FAULTS, Fault, json_pointer
from solidary.language.text import MAX_DIGITS, fault_in_text

MAX_VALUES = 100_000
"""The most values in one body."""
MAX_MEMBERS = 1_000
"""The most members of one object."""
MAX_NAME = 200
"""The most characters of a member's name, which a pointer may repeat."""
MAX_DEPTH = 64
Path = tuple[str | int, ...]


class _Wrong:
    """Stands in a document for a value that is refused, with the reason."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def read_body(body: bytes) -> tuple[bytes, list[Fault]]:
    """Return a JSON body with its texts folded, and the faults that no schema is to judge, at most MAX_FAULTS."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return body, [Fault("", f"The body is not UTF-8 (byte {error.start}).")]
    # Each value but the first of a list or an object follows a comma. Those within texts are counted too.
    if text.count(",") > MAX_VALUES:
        return body, [
            Fault("", f"The body has more than {MAX_VALUES:,} values. Send it in several requests.")
        ]
    try:
        document = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        return body, [Fault("", f"This is not valid JSON: {error.msg} ({place}).")]
    except RecursionError:
        return body, [Fault("", "The body is nested too deeply.")]
    if not _is_sound(document):
        return body, _with_places([*islice(_faults(document, ()), MAX_FAULTS)], text)
    folded = kept(document, text)
    return (body if folded == document else json.dumps(folded, ensure_ascii=False).encode()), []


_REPEATED = "An object has a member twice."


def _with_places(faults: list[Fault], text: str) -> list[Fault]:
    """Return the faults; a member that an object has twice with the line and column of both."""
    if not any(fault.detail == _REPEATED for fault in faults):
        return faults
    found = {json_pointer(each.path): each for each in repetitions(text)}
    place = partial(place_in, text)
    return [
        Fault(fault.pointer, repetition_reason(found[fault.pointer], place))
        if fault.detail == _REPEATED and fault.pointer in found
        else fault
        for fault in faults
    ]


def _integer(digits: str) -> int | _Wrong:
    return int(digits) if len(digits) <= MAX_DIGITS else _Wrong("This number has too many digits.")


def _number(digits: str) -> float | _Wrong:
    number = float(digits)
    if len(digits) > MAX_DIGITS or math.isinf(number):
        return _Wrong("This number has too many digits.")
    return number


def _constant(name: str) -> _Wrong:
    return _Wrong(f"{name} is not part of JSON.")


def _object(members: list[tuple[str, Any]]) -> dict[str, Any] | _Wrong:
    if len(members) > MAX_MEMBERS:
        return _Wrong(f"This object has more than {MAX_MEMBERS:,} members.")
    value = dict(members)
    if len(value) < len(members):
        return _Wrong(_REPEATED)
    if max(map(len, value), default=0) > MAX_NAME:
        return _Wrong(f"This object has a member whose name has more than {MAX_NAME} characters.")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_constant
)


def _is_sound(document: Any) -> bool:
    """Return whether `_faults` would find none, without the paths, which most documents never need."""
    level = [document]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            kind = type(value)
            if kind is str:
                if fault_in_text(value) is not None:
                    return False
            elif kind is dict:
                if any(fault_in_text(name) is not None for name in value if name):
                    return False
                below += value.values()
            elif kind is list:
                below += value
            elif kind is _Wrong:
                return False
        if not below:
            return True
        level = below
    return False


def _faults(value: Any, path: Path) -> Iterator[Fault]:
    if isinstance(value, _Wrong):
        yield Fault(json_pointer(path), value.reason)
    elif isinstance(value, str):
        if reason := fault_in_text(value):
            yield Fault(json_pointer(path), reason)
    elif len(path) >= MAX_DEPTH:
        yield Fault(json_pointer(path), "The body is nested too deeply.")
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name and (reason := fault_in_text(name)):
                yield Fault(json_pointer((*path, name)), reason.replace("This text", "This member's name"))
            else:
                yield from _faults(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _faults(inner, (*path, index))
