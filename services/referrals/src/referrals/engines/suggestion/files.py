"""The files of the command `suggest`: a coded query, and services with the fields that the API takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from pydantic import AwareDatetime
from solidary.files.cel import InvalidExpression
from solidary.files.command_line import InvalidInput
from solidary.files.json_document import read_as
from solidary.language.country import countries, load_pack
from solidary.language.problems import json_pointer

from referrals.engines.eligibility.profile import InvalidProfile, read_profile
from referrals.engines.eligibility.rule import Rule, parse_rule
from referrals.engines.eligibility.vocabulary import Vocabulary
from referrals.engines.suggestion.entries import CapacityEntry, ServiceEntry, SuggestionQuery
from referrals.engines.suggestion.facts import (
    CLOCK_TOLERANCE,
    Capacity,
    CodedQuery,
    RestrictedNeed,
    ServiceFacts,
)


class DatedCapacity(CapacityEntry):
    """The free places of a service at a moment."""

    updated: AwareDatetime


class ListedService(ServiceEntry):
    """A directory entry with its id and, where it is known, its capacity."""

    id: str
    capacity: DatedCapacity | None = None


def read_query(path: Path, vocabulary: Vocabulary) -> CodedQuery:
    """Return the query of a file. Raises InvalidInput with the JSON pointer of the first fault."""
    query = read_as(path, SuggestionQuery)
    try:
        return CodedQuery(
            query.need, read_profile(query.profile, vocabulary), query.urgency, query.near_point
        )
    except InvalidProfile as error:
        place = json_pointer(("profile", *error.path))
        raise InvalidInput(error.reason, file=path, place=place) from None
    except RestrictedNeed as error:
        raise InvalidInput(str(error), file=path, place="/need") from None


def read_services(path: Path) -> list[ListedService]:
    """Return the services of a file. Raises InvalidInput with the JSON pointer of the first fault."""
    services = read_as(path, list[ListedService])
    ids: set[str] = set()
    for number, service in enumerate(services):
        if service.id in ids:
            reason = f"Another service has the id {service.id!r}."
            raise InvalidInput(reason, file=path, place=f"/{number}/id")
        ids.add(service.id)
    return services


def to_facts(
    services: Sequence[ListedService], vocabulary: Vocabulary, path: Path, now: datetime
) -> list[ServiceFacts]:
    """Return the facts about the services of a file.

    Raises InvalidInput at an invalid rule, and at a capacity that was updated after `now`.
    """
    for number, service in enumerate(services):
        if service.capacity and service.capacity.updated > now + CLOCK_TOLERANCE:
            reason = "This moment is in the future, so the capacity is not known yet."
            raise InvalidInput(reason, file=path, place=f"/{number}/capacity/updated")
    return [
        _facts(service, _rule(service.eligibility, vocabulary, path, number))
        for number, service in enumerate(services)
    ]


def _rule(source: str | None, vocabulary: Vocabulary, path: Path, number: int) -> Rule | None:
    try:
        return None if source is None else parse_rule(source, vocabulary)
    except InvalidExpression as error:
        raise InvalidInput(str(error), file=path, place=f"/{number}/eligibility") from None


def _facts(service: ListedService, rule: Rule | None) -> ServiceFacts:
    capacity, hours = service.capacity, service.answers_within_hours
    return ServiceFacts(
        service.id,
        frozenset([service.category, *service.needs]),
        rule,
        tuple(
            opening.schedule(uuid5(NAMESPACE_URL, f"{service.id}/schedules/{index}"))
            for index, opening in enumerate(service.details.schedules)
        ),
        _zone(service.area),
        service.point,
        service.remote,
        Capacity(capacity.available, capacity.updated, capacity.waiting_list) if capacity else None,
        frozenset(service.languages),
        None if hours is None else timedelta(hours=hours),
    )


def _zone(area: str) -> tzinfo:
    """Return the time zone of the country with whose code a P-code begins."""
    return load_pack(area[:2]).zone() if area[:2] in countries() else UTC
