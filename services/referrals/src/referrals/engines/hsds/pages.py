"""HSDS objects out of a JSON file: one object, one page of them, or a data package as one JSON object.

A page is read item by item, so that its objects never stand in memory together: what it takes is the text
of the file and one object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Never

from solidary.files.command_line import CommandError, InvalidInput

LARGEST = 1 << 30
"""Bytes of JSON read at most: larger directories are published in pages, or as CSV."""

_SPACE = re.compile(r"[ \t\n\r]*")


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


Member = tuple[tuple[str | int, ...], object]
"""A part of the document: its path, and its value."""


class JsonText:
    """A JSON file, read member by member. Raises InvalidInput with line and column where it is not JSON."""

    def __init__(self, path: Path):
        self.path = path
        try:
            if path.stat().st_size > LARGEST:
                raise CommandError(
                    f"{path}: larger than 1 GiB; publish it in pages, or as a CSV data package"
                )
            self._text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise InvalidInput(f"is not UTF-8 (byte {error.start})", file=path) from error
        except OSError as error:
            raise InvalidInput(error.strerror or str(error), file=path) from error

    def is_object(self) -> bool:
        return self._text.startswith("{", self._skip(0))

    def whole(self) -> object:
        value, at = self._value(self._skip(0))
        self._end(at)
        return value

    def members(self) -> Iterator[Member]:
        """Each member of the top object; an array `contents` as an empty one, then item by item."""
        at = self._skip(0) + 1
        while not self._at("}", at := self._skip(at)):
            key, at = self._value(at)
            if not isinstance(key, str):
                raise self._broken("a name in double quotes is needed here", at)
            at = self._skip(self._past(":", at))
            if key == "contents" and self._at("[", at):
                yield (key,), []
                at = yield from self._items(at + 1)
            else:
                value, at = self._value(at)
                yield (key,), value
            at = self._comma(at, "}")
        self._end(at + 1)

    def _items(self, at: int) -> Generator[Member, None, int]:
        index = 0
        while not self._at("]", at := self._skip(at)):
            value, at = self._value(at)
            yield ("contents", index), value
            index += 1
            at = self._comma(at, "]")
        return at + 1

    def _value(self, at: int) -> tuple[object, int]:
        try:
            return _DECODER.raw_decode(self._text, at)
        except json.JSONDecodeError as error:
            raise self._broken(error.msg, error.pos) from error
        except RecursionError as error:
            raise self._broken("is nested too deeply", at) from error
        except ValueError as error:
            raise self._broken(str(error), at) from error

    def _comma(self, at: int, closing: str) -> int:
        at = self._skip(at)
        if self._at(closing, at):
            return at
        at = self._past(",", at)
        if self._at(closing, self._skip(at)):
            raise self._broken(f"a comma before {closing}", at)
        return at

    def _past(self, sign: str, at: int) -> int:
        at = self._skip(at)
        if not self._at(sign, at):
            raise self._broken(f"{sign} is needed here", at)
        return at + 1

    def _at(self, sign: str, at: int) -> bool:
        return self._text.startswith(sign, at)

    def _skip(self, at: int) -> int:
        space = _SPACE.match(self._text, at)
        return space.end() if space else at

    def _end(self, at: int) -> None:
        if self._skip(at) < len(self._text):
            raise self._broken("more follows after the end", self._skip(at))

    def _broken(self, reason: str, at: int) -> InvalidInput:
        line = self._text.count("\n", 0, at) + 1
        column = at - self._text.rfind("\n", 0, at)
        return InvalidInput(f"not JSON: {reason}", file=self.path, place=f"line {line}, column {column}")
