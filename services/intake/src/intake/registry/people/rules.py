"""What a registration's state may become, who is a child, and how coarse a birth is stored."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from solidary.language.codes.people import AgeBand, age
from solidary.language.problems import NotAllowed

ADULT_FROM = 18
"""Completed years; Convention on the Rights of the Child, art. 1."""


class Status(StrEnum):
    PROVISIONAL = "provisional"
    """May be somebody who is registered already: nobody has looked yet."""
    REGISTERED = "registered"
    VERIFIED = "verified"
    """What they say of themselves was seen in a document or confirmed by interview."""


NEXT = {
    Status.PROVISIONAL: {Status.REGISTERED},
    Status.REGISTERED: {Status.VERIFIED},
    Status.VERIFIED: set[Status](),
}


class Relation(StrEnum):
    """To the head of the household."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    GRANDPARENT = "grandparent"
    SIBLING = "sibling"
    OTHER = "other"


def move(status: Status, to: Status) -> Status:
    """Raises NotAllowed for an arrow that the table does not have."""
    if to not in NEXT[status]:
        raise NotAllowed(f"a {status} person does not become {to}")
    return to


def is_child(born: date | None, on: date) -> bool:
    """Who has not said their birth is taken for an adult here; a desk asks."""
    return born is not None and age(born, on) < ADULT_FROM


def month_of(born: date | None) -> date | None:
    """The birth as it may stand beside the sealed identity: its month, for age bands."""
    return None if born is None else born.replace(day=1)


def band(birth_month: date | None, on: date) -> AgeBand | None:
    """The age band of a birth month, at most a month too old."""
    return None if birth_month is None else AgeBand.of_birth(min(birth_month, on), on)
