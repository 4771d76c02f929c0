"""Pathways: legal ways through an institution, such as asylum, a permit or school enrolment.

A pathway's statements of law are displayed as *to be reviewed* until the operator's lawyer has confirmed them.
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
    """The degree to which a legal statement has been verified."""

    UNVERIFIED = "unverified"
    """Not found in any source that was read."""
    TO_BE_REVIEWED = "to_be_reviewed"
    """Read in the named source on the stated date, and not yet confirmed by a lawyer."""
    CONFIRMED = "confirmed"
    """Confirmed by the operator's lawyer."""


class Source(PackEntry):
    """The source of a statement, the date of the last reading, and the degree of its verification."""

    text: str
    reviewed: date
    review: ReviewStatus


class Deadline(PackEntry):
    """The time that a person has, counted from an event.

    Days are calendar days, which is the earliest reading (docs/decisions/0031-deadlines-use-the-earliest-reading.md).
    """

    length: int
    unit: Literal["days", "months"]
    counted_from: Literal["entry"] = "entry"
    source: Source

    def last_day(self, start: date) -> date:
        """Return the last day in time. A month without that day ends on its own last day."""
        if self.unit == "days":
            return start + timedelta(days=self.length)
        month = start.month - 1 + self.length
        year, month = start.year + month // 12, month % 12 + 1
        return date(year, month, min(start.day, monthrange(year, month)[1]))


class ApplicationWindow(PackEntry):
    """The first and the last day on which a pathway accepts applications. None means no limit on that side."""

    opens: date | None = None
    closes: date | None = None

    def includes(self, day: date) -> bool:
        """Return whether applications are accepted on a day."""
        return (self.opens is None or day >= self.opens) and (self.closes is None or day <= self.closes)


class PathwayStep(PackEntry):
    """One step of a pathway, with the documents that it needs."""

    text: Wording
    documents: tuple[str, ...] = ()


class Pathway(PackEntry):
    """One pathway of one country.

    `excludes` has the ids of pathways that cannot be combined with this one. `consulate` is true when the person must
    deal with the authorities of their own country, `informs_origin` when the institution passes data on to those
    authorities. In both cases `warning` must state it.
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
    def _check_required_texts(self) -> Pathway:
        if not self.sources:
            raise ValueError(f"{self.id}: a pathway needs at least one source.")
        if (self.consulate or self.informs_origin) and self.warning is None:
            raise ValueError(f"{self.id}: contact with the country of origin needs a warning.")
        if self.excludes and self.excludes_because is None:
            raise ValueError(f"{self.id}: pathways that exclude each other need a reason (excludes_because).")
        return self

    @property
    def all_sources(self) -> tuple[Source, ...]:
        """The sources of the pathway, of its deadline and of its window."""
        extra = (self.deadline.source if self.deadline else None, self.window_source)
        return (*self.sources, *(source for source in extra if source))

    @property
    def review(self) -> ReviewStatus:
        """The lowest degree of verification among all sources."""
        return min((source.review for source in self.all_sources), key=list(ReviewStatus).index)
