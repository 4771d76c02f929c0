"""The facts about a directory entry from which its score is computed."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from solidary.files.cel import InvalidExpression

from referrals.directory.services.models import schedules_of
from referrals.directory.services.records import DetailsRecord
from referrals.engines.eligibility.rule import Rule, parse_rule
from referrals.engines.eligibility.vocabulary import load_vocabulary
from referrals.engines.hsds.schedules import Schedule
from referrals.engines.suggestion.facts import Capacity, Point, ServiceFacts

NO_SERVICE = UUID(int=0)


class Candidate(NamedTuple):
    """The columns of an entry on which its score depends, as `suggestions.statements` selects them."""

    id: UUID
    agency: UUID
    name: str
    organization: str
    confidential: bool
    category: str
    needs: list[str]
    eligibility: str | None
    languages: list[str]
    latitude: float | None
    longitude: float | None
    remote: bool
    answers_within_hours: int | None
    available: int | None
    waiting_list: bool
    capacity_updated_at: datetime | None
    opening_hours: str
    """The part of the entry's details that has its schedules, as JSON."""


@lru_cache(maxsize=2_000)
def compile_rule(source: str, country: str) -> Rule | None:
    """Return the parsed rule of a text, which is kept because entries are read often.

    None for a rule that was valid when it was written and names a code that has since left its list: eligibility is
    then undetermined.
    """
    try:
        return parse_rule(source, load_vocabulary(country))
    except InvalidExpression:
        return None


@lru_cache(maxsize=10_000)
def _schedules(opening_hours: str) -> tuple[Schedule, ...]:
    """Return opening hours as schedules, which are equal where the hours are: their state is computed once."""
    return schedules_of(NO_SERVICE, DetailsRecord.model_validate_json(opening_hours).schedules)


def to_facts(entry: Candidate, country: str, zone: tzinfo) -> ServiceFacts:
    """Return the facts about an entry.

    `country` and `zone` are those of the instance: the country whose documents a rule may name, and the time zone of
    opening hours.
    """
    at = capacity = response_time = None
    if entry.latitude is not None and entry.longitude is not None:
        at = Point(entry.latitude, entry.longitude)
    if entry.available is not None and entry.capacity_updated_at is not None:
        capacity = Capacity(entry.available, entry.capacity_updated_at, entry.waiting_list)
    if entry.answers_within_hours is not None:
        response_time = timedelta(hours=entry.answers_within_hours)
    return ServiceFacts(
        id=str(entry.id),
        needs=frozenset([entry.category, *entry.needs]),
        rule=compile_rule(entry.eligibility, country) if entry.eligibility is not None else None,
        schedules=_schedules(entry.opening_hours),
        zone=zone,
        at=at,
        is_remote=entry.remote,
        capacity=capacity,
        languages=frozenset(entry.languages),
        response_time=response_time,
    )
