"""An entry of the directory as the facts that a score is made of."""

from __future__ import annotations

from datetime import timedelta, tzinfo
from functools import lru_cache
from uuid import NAMESPACE_URL, uuid5

from referrals.directory.services.models import Entry
from referrals.directory.services.schemas import OpeningIn
from referrals.engines.eligibility.reader import RefusedRule
from referrals.engines.eligibility.rule import Rule, write
from referrals.engines.eligibility.vocabulary import vocabulary
from referrals.engines.suggestion.facts import Capacity, Point, ServiceFacts


@lru_cache(maxsize=2_000)
def rule(source: str, country: str) -> Rule | None:
    """A rule read once; entries are read many times.

    None for one that could stand when it was written, and cannot since a code left its list: nobody can tell then.
    """
    try:
        return write(source, vocabulary(country))
    except RefusedRule:
        return None


def facts(entry: Entry, country: str, zone: tzinfo) -> ServiceFacts:
    """`country` and `zone` of the instance: whose documents a rule may name, and whose clock opening hours keep."""
    openings = [OpeningIn.model_validate(said) for said in entry.details.get("schedules", [])]
    at = None
    if entry.latitude is not None and entry.longitude is not None:
        at = Point(entry.latitude, entry.longitude)
    capacity = None
    if entry.available is not None and entry.capacity_said is not None:
        capacity = Capacity(entry.available, entry.capacity_said, entry.waiting_list)
    answers = entry.answers_within_hours
    return ServiceFacts(
        id=str(entry.id),
        needs=frozenset([entry.category, *entry.needs]),
        rule=rule(entry.eligibility, country) if entry.eligibility is not None else None,
        schedules=tuple(
            opening.schedule(uuid5(NAMESPACE_URL, f"{entry.id}/schedules/{place}"))
            for place, opening in enumerate(openings)
        ),
        zone=zone,
        at=at,
        remote=entry.remote,
        capacity=capacity,
        languages=frozenset(entry.languages),
        answers_within=None if answers is None else timedelta(hours=answers),
    )
