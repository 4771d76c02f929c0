"""A coded query and the services that might answer it, in JSON files, in the words of the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta, tzinfo
from pathlib import Path
from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5

from pydantic import AwareDatetime, TypeAdapter, ValidationError
from solidary.files.command_line import InvalidInput
from solidary.language.country import COUNTRIES, load_pack

from referrals.directory.services.schemas import CapacityIn, ServiceIn
from referrals.directory.suggestions.schemas import QueryIn
from referrals.engines.eligibility.profile import BrokenProfile, profile
from referrals.engines.eligibility.reader import RefusedRule
from referrals.engines.eligibility.rule import Rule, write
from referrals.engines.eligibility.vocabulary import Vocabulary
from referrals.engines.hsds.findings import pointer
from referrals.engines.hsds.pages import JsonText
from referrals.engines.suggestion.facts import Capacity, CodedQuery, Point, RestrictedNeed, ServiceFacts

M = TypeVar("M")


class CapacityThen(CapacityIn):
    updated: AwareDatetime


class ListedService(ServiceIn):
    """An entry of the directory with its id and, where it is known, its capacity."""

    id: str
    capacity: CapacityThen | None = None


def read_query(path: Path, fields: Vocabulary) -> CodedQuery:
    """Raises InvalidInput with the pointer of what no query may hold."""
    said = _read(path, TypeAdapter(QueryIn))
    near = Point(said.near.latitude, said.near.longitude) if said.near else None
    try:
        return CodedQuery(said.need, profile(said.profile, fields), said.urgency, near)
    except BrokenProfile as error:
        raise InvalidInput(error.reason, file=path, place=f"/profile{error.pointer}") from None
    except RestrictedNeed as error:
        raise InvalidInput(str(error), file=path, place="/need") from None


def read_services(path: Path) -> list[ListedService]:
    """An array of services, each id once. Raises InvalidInput with the pointer of the first fault."""
    services = _read(path, TypeAdapter(list[ListedService]))
    ids: set[str] = set()
    for number, service in enumerate(services):
        if service.id in ids:
            raise InvalidInput(f"{service.id!r} stands twice", file=path, place=f"/{number}/id")
        ids.add(service.id)
    return services


def known(services: Sequence[ListedService], fields: Vocabulary, path: Path) -> list[ServiceFacts]:
    """What a score is made of. Raises InvalidInput at a rule that may not stand."""
    return [
        _facts(service, _rule(service.eligibility, fields, path, number))
        for number, service in enumerate(services)
    ]


def _read(path: Path, shape: TypeAdapter[M]) -> M:
    try:
        return shape.validate_python(JsonText(path).whole())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidInput(first["msg"], file=path, place=pointer(first["loc"]) or "/") from None


def _rule(source: str | None, fields: Vocabulary, path: Path, number: int) -> Rule | None:
    try:
        return None if source is None else write(source, fields)
    except RefusedRule as error:
        reason = f"line {error.line}, column {error.column}: {error.reason}"
        raise InvalidInput(reason, file=path, place=f"/{number}/eligibility") from None


def _facts(service: ListedService, rule: Rule | None) -> ServiceFacts:
    said, hours = service.capacity, service.answers_within_hours
    located = service.latitude is not None and service.longitude is not None
    return ServiceFacts(
        service.id,
        frozenset([service.category, *service.needs]),
        rule,
        tuple(
            opening.schedule(uuid5(NAMESPACE_URL, f"{service.id}/schedules/{place}"))
            for place, opening in enumerate(service.details.schedules)
        ),
        _clock(service.area),
        Point(service.latitude or 0, service.longitude or 0) if located else None,
        service.remote,
        Capacity(said.available, said.updated, said.waiting_list) if said else None,
        frozenset(service.languages),
        None if hours is None else timedelta(hours=hours),
    )


def _clock(area: str) -> tzinfo:
    """A P-code begins with its country."""
    return load_pack(area[:2]).zone() if area[:2] in COUNTRIES else UTC
