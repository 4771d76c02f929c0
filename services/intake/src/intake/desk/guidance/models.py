"""Guidance that was given."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped

from intake.registry.people.models import PersonPart


class Guidance(PersonPart):
    """A pathway that was explained to a person.

    `review` is the state of review of the pathway's legal statements at that time.
    """

    __tablename__ = "guidance"
    __location__ = "/people/{root}/guidance/{id}"

    pathway: Mapped[str]
    language: Mapped[str]
    review: Mapped[str]
    deadline: Mapped[date | None]
