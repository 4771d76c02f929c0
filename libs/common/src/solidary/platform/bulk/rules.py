"""The rows of an import, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from solidary.language.problems import Fault


class RowState(StrEnum):
    """The result of a row, or in a dry run the one that it would have."""

    ADDED = "added"
    PROVISIONAL = "provisional"
    """Added, but this person may be registered already: somebody must compare."""
    EXISTING = "existing"
    """It was here before, with the same content, and nothing was changed."""
    REFUSED = "refused"


@dataclass(frozen=True)
class RowReport:
    """The result of the row on a line; `faults` are the columns, or pointers, of a row that was refused."""

    line: int
    state: RowState
    faults: Sequence[Fault] = ()


@dataclass(frozen=True)
class NewBatch:
    """Rows that are applied together: their number, and their content as the service stores it.

    `subjects` are the ids of what the batch will add, where something of it, such as its keys, is stored already.
    """

    rows: int
    content: bytes
    subjects: Sequence[UUID] = ()


@dataclass
class ParsedFile:
    """A file that was read: batches to apply, and reports of rows that are wrong in themselves."""

    batches: list[NewBatch] = field(default_factory=list)
    refused: list[RowReport] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """The number of all rows."""
        return sum(batch.rows for batch in self.batches) + len(self.refused)
