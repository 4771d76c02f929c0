"""The JSON record of a centre's address, hours, languages and services."""

from __future__ import annotations

from datetime import time
from typing import Literal

from solidary.language.records import Record

from intake.centres.places.rules import Opening, Weekday


class OpeningRecord(Record):
    """The hours of some days of the week."""

    days: tuple[str, ...]
    opens: time
    closes: time

    def to_opening(self) -> Opening:
        """Return the hours as the rules take them."""
        return Opening(tuple(map(Weekday, self.days)), self.opens, self.closes)


class CentreRecord(Record):
    """The public facts of a centre beside its name, kind and area."""

    version: Literal[1] = 1
    address: str
    telephone: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    hours: tuple[OpeningRecord, ...] = ()
    languages: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    without_documents: bool = True
    note: str | None = None
