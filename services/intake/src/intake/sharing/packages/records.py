"""The encrypted record of a package."""

from __future__ import annotations

from typing import Any, Literal

from solidary.language.records import Record


class PackageRecord(Record):
    """The fields that were shared, as they were on the day of the consent."""

    version: Literal[1] = 1
    fields: dict[str, Any]
