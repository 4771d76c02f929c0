"""The encrypted record of a note."""

from __future__ import annotations

from typing import Literal

from solidary.language.records import Record


class NoteRecord(Record):
    """A note about a person, as a colleague wrote it."""

    version: Literal[1] = 1
    text: str
