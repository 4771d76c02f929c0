"""Arrays of thousands of ids as one parameter, which the driver binds as text and not value by value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, cast, literal

_UUIDS: Any = ARRAY(Uuid())


def array_literal(values: Iterable[UUID | int]) -> str:
    """Return ids or numbers as PostgreSQL writes an array, for `CAST(:ids AS uuid[])`."""
    return "{" + ",".join(map(str, values)) + "}"


def uuid_array(ids: Iterable[UUID]) -> ColumnElement[Any]:
    """Return ids as an array in a statement."""
    return cast(literal(array_literal(ids), Text()), _UUIDS)
