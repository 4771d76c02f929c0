"""The places of an HSDS object that have opening hours, each with its schedules and its country."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from referrals.engines.hsds.locations import Location
from referrals.engines.hsds.schedules import Schedule
from referrals.engines.hsds.services import Service, ServiceAtLocation
from referrals.engines.hsds.values import HsdsObject


@dataclass(frozen=True)
class Place:
    """A place with opening hours. `country` is that of its address (ISO 3166-1 alpha-2), or None."""

    id: str
    name: str | None
    schedules: tuple[Schedule, ...]
    country: str | None = None


def places_of(value: HsdsObject) -> Iterator[Place]:
    """Yield the places of an object: those of a service, or the location or the schedule itself.

    The hours at a service's location are its own there, else the service's, else those of the location.
    """
    if isinstance(value, Schedule):
        yield Place(value.id, value.description, (value,))
    elif isinstance(value, Location):
        yield Place(value.id, value.name, value.schedules, _country(value))
    elif isinstance(value, ServiceAtLocation):
        yield _at_location(value, value.service.schedules if value.service else ())
    elif isinstance(value, Service):
        for at in value.service_at_locations:
            yield _at_location(at, value.schedules)
        if not value.service_at_locations:
            yield Place(value.id, value.name, value.schedules)


def _at_location(at: ServiceAtLocation, of_service: tuple[Schedule, ...]) -> Place:
    location = at.location
    name = location.name if location else at.description
    schedules = at.schedules or of_service or (location.schedules if location else ())
    return Place(at.id, name, schedules, _country(location) if location else None)


def _country(location: Location) -> str | None:
    return next((address.country for address in location.addresses), None)
