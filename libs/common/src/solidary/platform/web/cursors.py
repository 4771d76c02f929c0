"""Cursors: where a reader is in a list. Opaque to the reader; whatever it passes instead is refused by name."""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_core import to_json

from solidary.language.problems import Fault, Invalid

T = TypeVar("T")


def pack(*place: Any) -> str:
    return base64.urlsafe_b64encode(to_json(place)).decode()


def unpack(after: str, shape: TypeAdapter[T]) -> T:
    """Raises Invalid for what we never gave."""
    try:
        return shape.validate_json(base64.urlsafe_b64decode(after.encode()))
    except (ValueError, binascii.Error) as error:
        raise Invalid(
            "the cursor is not one of ours", Fault("query: after", "pass `next` of the answer before")
        ) from error
