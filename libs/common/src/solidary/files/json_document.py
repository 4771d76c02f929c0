"""A JSON file (RFC 8259), read whole or member by member, with line and column of what is not JSON.

A member that an object has twice, a number without an end, and text after the end are refused too; strings are folded.

An array of objects inside the document can be read item by item, so that its objects are never in memory together:
what is needed is the text of the file and one object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

from pydantic import TypeAdapter, ValidationError

from solidary.files.command_line import CommandError, InvalidInput
from solidary.files.json_values import (
    JsonPath,
    RepeatedMember,
    UnreadableText,
    decoder,
    kept,
    place_in,
    repeated_reason,
)
from solidary.language.validation import faults_of

LARGEST_FILE = 1 << 30
"""The upper limit of a file, in bytes."""

_SIGNS = {",": "A comma", ":": "A colon"}
_SPACE = re.compile(r"[ \t\n\r]*")


M = TypeVar("M")
Member: TypeAlias = tuple[JsonPath, object]
"""A part of the document: its path and its value."""


class JsonDocument:
    """The text of a JSON file, in UTF-8.

    Raises InvalidInput where the file cannot be read, and with line and column where it is not JSON; CommandError
    where it is larger than `LARGEST_FILE`. `exact`: numbers with decimals are `Decimal`, with all their digits.
    `as_written`: strings are not folded, for the validation of somebody else's format.
    """

    def __init__(self, path: Path, *, exact: bool = False, as_written: bool = False):
        self.path, self._as_written = path, as_written
        self._decoder = decoder(exact=exact)
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
        names: dict[str, int] = {}
        while not self._has("}", at := self._skip_space(at)):
            begin = at
            key, at = self._value(at)
            if not isinstance(key, str):
                raise self._error("A name in double quotes is required here.", at)
            if names.setdefault(key, begin) != begin:
                place = partial(place_in, self._text)
                reason = f"An object has the member «{key[:80]}» twice: at {place(names[key])} and at {place(begin)}."
                raise self._error(reason, begin)
            at = self._skip_space(self._after(":", at))
            if key == itemwise and self._has("[", at):
                yield (key,), []
                at = yield from self._items(key, at + 1)
            else:
                value, at = self._value(at, (key,))
                yield (key,), value
            at = self._after_comma(at, "}")
        self._require_end(at + 1)

    def _items(self, key: str, at: int) -> Generator[Member, None, int]:
        index = 0
        while not self._has("]", at := self._skip_space(at)):
            value, at = self._value(at, (key, index))
            yield (key, index), value
            index += 1
            at = self._after_comma(at, "]")
        return at + 1

    def _value(self, at: int, path: JsonPath = ()) -> tuple[object, int]:
        try:
            value, end = self._decoder.raw_decode(self._text, at)
            return kept(value, self._text[at:end], path, as_written=self._as_written), end
        except json.JSONDecodeError as error:
            raise self._error(f"{error.msg}.", error.pos) from error
        except RecursionError as error:
            raise self._error("The value is nested too deeply.", at) from error
        except RepeatedMember as error:
            raise self._error(repeated_reason(self._text, partial(place_in, self._text), at), at) from error
        except UnreadableText as error:
            raise InvalidInput(error.reason, file=self.path, place=error.pointer or None) from error
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
        return InvalidInput(f"The file is not JSON. {reason}", file=self.path, place=place_in(self._text, at))


def read_as(path: Path, shape: type[M], *, exact: bool = False) -> M:
    """Return the document of a file as its schema reads it. Raises InvalidInput with the pointer of the first fault."""
    document = JsonDocument(path, exact=exact).read()
    try:
        return TypeAdapter(shape).validate_python(document)
    except ValidationError as error:
        fault = faults_of(error.errors(include_url=False), document)[0]
        raise InvalidInput(fault.detail, file=path, place=fault.pointer or "the document") from None
