"""The JSON record of the counts of a retention run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from solidary.language.country import RecordKind
from solidary.language.records import Record


class CountsRecord(Record):
    """The number of records of each kind."""

    version: Literal[1] = 1
    counts: dict[str, int]

    @classmethod
    def of(cls, counts: Mapping[RecordKind, int]) -> CountsRecord:
        """Return the record of counts, without the kinds of which there are none."""
        return cls(counts={str(kind): count for kind, count in sorted(counts.items()) if count})
