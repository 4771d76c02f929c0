"""A JSON file (RFC 8259), read whole or member by member, with line and column of what is not JSON.

An array of objects inside the document can be read item by item, so that its objects are never in memory together:
what is needed is the text of the file and one object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Never, TypeAlias

from solidary.files.command_line import CommandError, InvalidInput

LARGEST_FILE = 1 << 30
"""The upper limit of a file, in bytes."""

_SIGNS = {",": "A comma", ":": "A colon"}
_SPACE = re.compile(r"[ \t\n\r]*")


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not part of JSON.")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


Member: TypeAlias = tuple[tuple[str | int, ...], object]
"""A part of the document: its path and its value."""


class JsonDocument:
    """The text of a JSON file, in UTF-8.

    Raises InvalidInput where the file cannot be read, and with line and column where it is not JSON; CommandError
    where it is larger than `LARGEST_FILE`.
    """

    def __init__(self, path: Path):
        self.path = path
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise CommandError(f"{path}: The file is larger than 1 GiB. Split it into several files.")
            self._text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise InvalidInput(f"The file is not UTF-8 (byte {error.start}).", file=path) from error
        except OSError as error:
            raise InvalidInput(error.strerror or str(error), file=path) from error

    def is_object(self) -> bool:
        """Return whether the document begins as an object."""
        return self._text.startswith("{", self._skip_space(0))

    def read(self) -> object:
        """Return the value of the document."""
        value, at = self._value(self._skip_space(0))
        self._require_end(at)
        return value

    def members(self, *, itemwise: str) -> Iterator[Member]:
        """Yield each member of the document's object with its path.

        Of the array under the key `itemwise`, an empty array is yielded first, and then each item.
        """
        at = self._skip_space(0) + 1
        while not self._has("}", at := self._skip_space(at)):
            key, at = self._value(at)
            if not isinstance(key, str):
                raise self._error("A name in double quotes is required here.", at)
            at = self._skip_space(self._after(":", at))
            if key == itemwise and self._has("[", at):
                yield (key,), []
                at = yield from self._items(key, at + 1)
            else:
                value, at = self._value(at)
                yield (key,), value
            at = self._after_comma(at, "}")
        self._require_end(at + 1)

    def _items(self, key: str, at: int) -> Generator[Member, None, int]:
        index = 0
        while not self._has("]", at := self._skip_space(at)):
            value, at = self._value(at)
            yield (key, index), value
            index += 1
            at = self._after_comma(at, "]")
        return at + 1

    def _value(self, at: int) -> tuple[object, int]:
        try:
            return _DECODER.raw_decode(self._text, at)
        except json.JSONDecodeError as error:
            raise self._error(f"{error.msg}.", error.pos) from error
        except RecursionError as error:
            raise self._error("The value is nested too deeply.", at) from error
        except ValueError as error:
            raise self._error(str(error), at) from error

    def _after_comma(self, at: int, closing: str) -> int:
        at = self._skip_space(at)
        if self._has(closing, at):
            return at
        at = self._after(",", at)
        if self._has(closing, self._skip_space(at)):
            raise self._error(f"There is a comma before {closing}.", at)
        return at

    def _after(self, sign: str, at: int) -> int:
        at = self._skip_space(at)
        if not self._has(sign, at):
            raise self._error(f"{_SIGNS[sign]} is required here.", at)
        return at + 1

    def _has(self, sign: str, at: int) -> bool:
        return self._text.startswith(sign, at)

    def _skip_space(self, at: int) -> int:
        space = _SPACE.match(self._text, at)
        return space.end() if space else at

    def _require_end(self, at: int) -> None:
        if self._skip_space(at) < len(self._text):
            raise self._error("There is more text after the end.", self._skip_space(at))

    def _error(self, reason: str, at: int) -> InvalidInput:
        line = self._text.count("\n", 0, at) + 1
        column = at - self._text.rfind("\n", 0, at)
        return InvalidInput(
            f"The file is not JSON. {reason}", file=self.path, place=f"line {line}, column {column}"
        )
