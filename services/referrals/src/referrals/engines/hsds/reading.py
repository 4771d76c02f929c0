"""HSDS objects out of a small JSON file, for commands that work with what they say."""

from __future__ import annotations

from pathlib import Path

from solidary.files.command_line import InvalidInput

from referrals.engines.hsds.findings import faults, pointer
from referrals.engines.hsds.kinds import kind_of
from referrals.engines.hsds.pages import JsonText
from referrals.engines.hsds.values import HsdsObject


def read(path: Path) -> list[HsdsObject]:
    """The one object of a file, or those of its page.

    Raises InvalidInput with the pointer of the first fault.
    """
    value = JsonText(path).whole()
    page = isinstance(value, dict) and isinstance(value.get("contents"), list)
    values = value["contents"] if isinstance(value, dict) and page else [value]
    kind = kind_of(values)
    if kind is None:
        raise InvalidInput("holds no HSDS object", file=path)
    objects = []
    for index, each in enumerate(values):
        for at, reason in faults(kind.model, each):
            where = pointer(("contents", index, *at) if page else at)
            raise InvalidInput(reason, file=path, place=where or "the document")
        objects.append(kind.model.model_validate(each))
    return objects
