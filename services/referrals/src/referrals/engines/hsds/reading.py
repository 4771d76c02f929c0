"""HSDS objects read from a small JSON file, for commands that use their contents."""

from __future__ import annotations

from pathlib import Path

from solidary.files.command_line import InvalidInput
from solidary.files.json_document import JsonDocument
from solidary.language.problems import json_pointer

from referrals.engines.hsds.findings import find_faults
from referrals.engines.hsds.kinds import detect_kind
from referrals.engines.hsds.values import HsdsObject


def read_objects(path: Path) -> list[HsdsObject]:
    """Return the one object of a file, or the objects of its page.

    Raises InvalidInput with the JSON pointer of the first fault.
    """
    value = JsonDocument(path, as_written=True).read()
    is_page = isinstance(value, dict) and isinstance(value.get("contents"), list)
    values = value["contents"] if isinstance(value, dict) and is_page else [value]
    kind = detect_kind(values)
    if kind is None:
        raise InvalidInput("The file contains no HSDS object.", file=path)
    objects = []
    for index, each in enumerate(values):
        for at, reason in find_faults(kind.model, each):
            pointer = json_pointer(("contents", index, *at) if is_page else at)
            raise InvalidInput(reason, file=path, place=pointer or "the document")
        objects.append(kind.model.model_validate(each))
    return objects
