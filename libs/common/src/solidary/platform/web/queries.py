"""The query parameters of a request: only those that its route knows, and each once.

A misspelt filter would return everything, so it is refused with the names that the route knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from solidary.language.problems import Fault, Invalid, count_of
from solidary.language.strict import is_bare_number

MAX_NAME = 100
"""The most characters of an unknown name that a fault repeats."""


@dataclass(frozen=True)
class QueryParameter:
    """A parameter of a route. `is_list`: it may be given several times; `is_date`: it takes dates or times."""

    is_list: bool
    is_date: bool


async def require_known_queries(request: Request) -> None:
    """Refuse parameters that the route does not know, are given twice, or write a date as a bare number."""
    given = request.query_params.multi_items()
    if given and (faults := [*_faults(given, _known(request))]):
        raise Invalid(f"The request has {count_of(len(faults), 'fault')}.", *faults)


def _known(request: Request) -> Mapping[str, QueryParameter]:
    cache: dict[int, Mapping[str, QueryParameter]] = request.app.state.__dict__.setdefault(
        "known_queries", {}
    )
    route: APIRoute = request.scope["route"]
    if (known := cache.get(id(route))) is None:
        known = cache[id(route)] = known_queries(route)
    return known


def known_queries(route: APIRoute) -> Mapping[str, QueryParameter]:
    """Return the query parameters of a route and of what it depends on, by name."""
    return {name: _parameter(annotation) for name, annotation in _annotations(route.dependant)}


def _annotations(dependant: Dependant) -> Iterator[tuple[str, Any]]:
    for field in dependant.query_params:
        yield field.alias, field.field_info.annotation
    for dependency in dependant.dependencies:
        yield from _annotations(dependency)


def _parameter(annotation: Any) -> QueryParameter:
    described = str(TypeAdapter(annotation).json_schema())
    return QueryParameter("'type': 'array'" in described, "'format': 'date" in described)


def _faults(given: list[tuple[str, str]], known: Mapping[str, QueryParameter]) -> Iterator[Fault]:
    counts = Counter(name for name, _ in given)
    for name, count in counts.items():
        place = f"query: {name[:MAX_NAME]}"
        if name not in known:
            others = f"Known are {', '.join(sorted(known))}." if known else "This route has no parameters."
            yield Fault(
                place, f"This parameter is not known here. {others} Check its spelling, or leave it out."
            )
        elif count > 1 and not known[name].is_list:
            yield Fault(place, f"This parameter is given {count} times. Give it once.")
    for name, value in given:
        if name in known and known[name].is_date and is_bare_number(value):
            yield Fault(f"query: {name}", "This must be a date, as in 2026-11-30, and no number.")
