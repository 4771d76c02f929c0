"""A way through an institution: the asylum procedure, a permit, a school enrolment, a late registration.

What a route says of the law is shown as *to be reviewed* until an operator's lawyer has confirmed it.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import model_validator

from solidary.language.codes.pathways import PathwayKind
from solidary.language.codes.wording import Wording
from solidary.language.country.entry import PackEntry


class ReviewStatus(StrEnum):
    """How far a legal statement has been looked at."""

    UNVERIFIED = "unverified"
    """Heard of, not found in a source that we read."""
    TO_BE_REVIEWED = "to_be_reviewed"
    """Read in the named source on the date beside it; a lawyer has not confirmed it."""
    CONFIRMED = "confirmed"
    """Confirmed by the operator's lawyer."""


class Source(PackEntry):
    """Where a statement comes from, when that was last read, and whether a lawyer stands behind it."""

    text: str
    reviewed: date
    review: ReviewStatus


class Deadline(PackEntry):
    """How long a person has, counted from an event. Days are calendar days, the careful reading."""

    length: int
    unit: Literal["days", "months"]
    counted_from: Literal["entry"] = "entry"
    source: Source

    def last_day(self, start: date) -> date:
        """The last day in time. A month that lacks the day ends on its own last one."""
        if self.unit == "days":
            return start + timedelta(days=self.length)
        month = start.month - 1 + self.length
        year, month = start.year + month // 12, month % 12 + 1
        return date(year, month, min(start.day, monthrange(year, month)[1]))


class ApplicationWindow(PackEntry):
    """The days on which a route takes new applications, both included; None is an open end."""

    opens: date | None = None
    closes: date | None = None

    def holds(self, day: date) -> bool:
        return (self.opens is None or day >= self.opens) and (self.closes is None or day <= self.closes)


class PathwayStep(PackEntry):
    """One thing to do, in order."""

    text: Wording
    documents: tuple[str, ...] = ()


class Pathway(PackEntry):
    """One route of one country.

    `excludes` names routes that cannot be held beside this one. `consulate` is true where the person must
    deal with the authorities of their own country, `informs_origin` where the institution passes data on to
    them; the `warning` then says so.
    """

    id: str
    kind: PathwayKind
    title: Wording
    institution: str
    guidance: Wording
    steps: tuple[PathwayStep, ...] = ()
    cost: Wording | None = None
    usual_time: Wording | None = None
    deadline: Deadline | None = None
    window: ApplicationWindow | None = None
    window_source: Source | None = None
    repealed: bool = False
    excludes: tuple[str, ...] = ()
    excludes_because: Wording | None = None
    consulate: bool = False
    informs_origin: bool = False
    warning: Wording | None = None
    sources: tuple[Source, ...]

    @model_validator(mode="after")
    def _says_what_it_must(self) -> Pathway:
        if not self.sources:
            raise ValueError(f"{self.id}: a route needs at least one source")
        if (self.consulate or self.informs_origin) and self.warning is None:
            raise ValueError(f"{self.id}: contact with the country of origin needs a warning")
        if self.excludes and self.excludes_because is None:
            raise ValueError(f"{self.id}: routes that exclude each other need a reason")
        return self

    @property
    def all_sources(self) -> tuple[Source, ...]:
        extra = (self.deadline.source if self.deadline else None, self.window_source)
        return (*self.sources, *(source for source in extra if source))

    @property
    def review(self) -> ReviewStatus:
        """The weakest review among its sources."""
        return min((source.review for source in self.all_sources), key=list(ReviewStatus).index)
