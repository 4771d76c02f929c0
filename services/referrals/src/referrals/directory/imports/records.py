"""The rows of an import of services that a worker writes together."""

from __future__ import annotations

from typing import Literal

from solidary.language.external_ids import ExternalIdIn
from solidary.language.records import Record

from referrals.directory.services.records import EntryRecord


class ServiceLine(Record):
    """An entry with its line in the file, and the identifier by which it is recognised."""

    line: int
    key: ExternalIdIn
    entry: EntryRecord


class ServiceBatch(Record):
    """Entries that are written together."""

    version: Literal[1] = 1
    items: tuple[ServiceLine, ...]
