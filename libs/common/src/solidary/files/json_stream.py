"""A large JSON document that arrives in parts and is never in memory as a whole.

Of its arrays that are named, the items are given one after the other; any other value is given at once. What is needed
is the memory of the largest value, whose text is bounded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator

from solidary.files.command_line import InvalidInput
from solidary.files.json_values import (
    JsonPath,
    RepeatedMember,
    UnreadableText,
    decode,
    kept,
    repeated_reason,
)

_SPACE = re.compile(r"[ \t\n\r]*")
_MAY_GO_ON = ("", ".", "e", "E")
_KEPT = 1 << 20
"""The characters that were read and are kept, so that not every value moves the rest."""


class JsonStream:
    """The text of a JSON document, in parts. `largest`: the most characters of one value.

    Its methods raise InvalidInput, with line and column, where the text is not JSON or a value is too large.
    """

    def __init__(self, parts: Iterable[str], *, largest: int) -> None:
        self._parts, self._largest = iter(parts), largest
        self._text, self._at, self._is_complete = "", 0, False
        self._lines, self._column = 0, 0

    def members(self, itemwise: Collection[JsonPath]) -> Iterator[tuple[JsonPath, object]]:
        """Yield each member of the document's object with its path, and of the arrays at `itemwise` each item."""
        self._require("{")
        yield from self._members((), itemwise)
        if self._next():
            raise self._error("There is more text after the end.")

    def _members(self, path: JsonPath, itemwise: Collection[JsonPath]) -> Iterator[tuple[JsonPath, object]]:
        names: dict[str, str] = {}
        while self._next() != "}":
            if names:
                self._require(",")
            if self._next() != '"':
                raise self._error("A name in double quotes is required here.")
            place = self._named_place(self._at)
            name = str(self._value(path))
            if name in names:
                raise self._error(
                    f"An object has the member «{name[:80]}» twice: at {names[name]} and at {place}."
                )
            names[name] = place
            self._require(":")
            inner, sign = (*path, name), self._next()
            if sign == "[" and inner in itemwise:
                self._at += 1
                yield from self._items(inner)
            elif sign == "{" and any(long[: len(inner)] == inner for long in itemwise):
                self._at += 1
                yield from self._members(inner, itemwise)
            else:
                yield inner, self._value(inner)
        self._at += 1

    def _items(self, path: JsonPath) -> Iterator[tuple[JsonPath, object]]:
        index = 0
        while self._next() != "]":
            if index:
                self._require(",")
            yield (*path, index), self._value((*path, index))
            index += 1
        self._at += 1

    def _value(self, path: JsonPath) -> object:
        """Return the value that begins at the next character, after reading as much as it needs."""
        self._next()
        while True:
            failure: ValueError | RecursionError
            try:
                value, end = decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                failure = error
            else:
                # A number may go on in the next part, and «1.» is one that does.
                if self._is_complete or self._text[end : end + 1] not in _MAY_GO_ON:
                    self._require_size(end - self._at)
                    source, self._at = self._text[self._at : end], end
                    try:
                        return kept(value, source, path)
                    except UnreadableText as error:
                        raise InvalidInput(error.reason, place=error.pointer) from None
                failure = ValueError("The value does not end.")
            if self._is_complete or isinstance(failure, RecursionError | RepeatedMember):
                raise self._explained(failure)
            self._require_size(len(self._text) - self._at)
            self._read(len(self._text) - self._at)

    def _require_size(self, size: int) -> None:
        if size > self._largest:
            line = self._place(self._at)[0] + 1
            reason = f"A value has more than {self._largest:,} characters."
            raise InvalidInput(reason, place=f"line {line}")

    def _next(self) -> str:
        """Return the next character that is no space; empty at the end."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if self._is_complete:
                return ""
            self._read(1)

    def _require(self, sign: str) -> None:
        if self._next() != sign:
            raise self._error(f"The character {sign} is required here.")
        self._at += 1

    def _read(self, least: int) -> None:
        """Read at least so many characters more, or all that is left; forget what was read before."""
        if self._at > _KEPT or self._at == len(self._text):
            self._lines, self._column = self._place(self._at)
            self._text, self._at = self._text[self._at :], 0
        read = [self._text]
        while least > 0 and not self._is_complete:
            part = next(self._parts, None)
            self._is_complete = part is None
            read.append(part or "")
            least -= len(part or "")
        self._text = "".join(read)

    def _place(self, at: int) -> tuple[int, int]:
        """Return the lines before a place of the present text, and the characters before it in its line."""
        lines = self._text.count("\n", 0, at)
        column = at - self._text.rfind("\n", 0, at) - 1 if lines else self._column + at
        return self._lines + lines, column

    def _named_place(self, at: int) -> str:
        lines, column = self._place(at)
        return f"line {lines + 1}, column {column + 1}"

    def _explained(self, failure: ValueError | RecursionError) -> InvalidInput:
        if isinstance(failure, RepeatedMember):
            return self._error(repeated_reason(self._text, self._named_place, self._at))
        if isinstance(failure, RecursionError):
            return self._error("The value is nested too deeply.")
        if isinstance(failure, json.JSONDecodeError):
            return self._error(f"{failure.msg}.", failure.pos)
        return self._error(str(failure))

    def _error(self, reason: str, at: int | None = None) -> InvalidInput:
        place = self._named_place(self._at if at is None else at)
        return InvalidInput(f"This is not JSON. {reason}", place=place)
