"""The parts of an uploaded report that are stored until its import: codes, amounts and ids, but no name or account."""

from __future__ import annotations

from typing import Literal

from solidary.language.records import Record


class UploadRecord(Record):
    """A file of reports without its payments, which are stored beside it.

    `count` is the number of those payments; `strangers` is the number of others, whose ids cannot be ours.
    """

    version: Literal[1] = 1
    message: str
    message_version: str
    original_message: str | None
    group_status: str | None
    group_reason: str | None
    count: int
    strangers: int
