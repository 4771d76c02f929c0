"""Cursors: a reader's position in a list, opaque to the reader."""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_core import to_json

from solidary.language.problems import Fault, Invalid

T = TypeVar("T")


def encode_cursor(*position: Any) -> str:
    """Return a position as an opaque text."""
    return base64.urlsafe_b64encode(to_json(position)).decode()


def decode_cursor(cursor: str, type_: TypeAdapter[T]) -> T:
    """Return the position of a cursor. Raises Invalid for a text that is not a cursor of this list."""
    try:
        return type_.validate_json(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, binascii.Error) as error:
        raise Invalid(
            "The cursor is not one of this list.",
            Fault("query: after", "Pass `next` of the previous response, or leave `after` out."),
        ) from error
