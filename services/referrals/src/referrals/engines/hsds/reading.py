"""HSDS objects read from a small JSON file, for commands that use their contents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from solidary.files.command_line import InvalidInput
from solidary.files.json_document import JsonDocument
from solidary.language.problems import json_pointer

from referrals.engines.hsds.findings import find_faults
from referrals.engines.hsds.kinds import detect_kind
from referrals.engines.hsds.values import HsdsObject


def read_objects(path: Path) -> list[HsdsObject]:
    """Return the one object of a file, or the objects of its page.

    A value that the official schema accepts and we do not (see `findings`) is left out, unless its object needs it.
    Raises
    InvalidInput with the JSON pointer of the first other fault.
    """
    value = JsonDocument(path, as_written=True).read()
    is_page = isinstance(value, dict) and isinstance(value.get("contents"), list)
    values = value["contents"] if isinstance(value, dict) and is_page else [value]
    kind = detect_kind(values)
    if kind is None:
        raise InvalidInput("The file contains no HSDS object.", file=path)
    objects = []
    for index, each in enumerate(values):
        for at, reason, is_warning in find_faults(kind.model, each, in_page=is_page):
            if not (is_warning and _left_out(each, at)):
                pointer = json_pointer(("contents", index, *at) if is_page else at)
                raise InvalidInput(reason, file=path, place=pointer or "the document")
        objects.append(kind.model.model_validate(each))
    return objects


_NEEDED = frozenset({"id", "closed"})
"""Fields without which an object, or its opening hours, would mean something else."""


def _left_out(value: object, at: tuple[str | int, ...]) -> bool:
    """Remove the value at a path from the document, and return whether that was possible."""
    *steps, last = at
    holder: Any = value
    for step in steps:
        holder = holder[step]
    if last in _NEEDED or not isinstance(holder, dict):
        return False
    holder.pop(last, None)
    return True
