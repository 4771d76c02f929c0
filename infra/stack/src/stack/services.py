"""The registered services, and the names that their topics and databases have."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping
from functools import cache
from typing import Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, TypeAdapter
from solidary.language.events import Audience
from solidary.platform.registry import service_names

from stack.errors import StackError

Service: TypeAlias = str
"""A service's name: `intake`."""

SERVICES: tuple[Service, ...] = service_names()

DatabaseRole = Literal["migrate", "app", "relay", "backup"]
DATABASE_ROLES: tuple[DatabaseRole, ...] = get_args(DatabaseRole)


class Capabilities(BaseModel):
    """The declarations of a service about itself (`solidary.platform.service.Service`)."""

    model_config = ConfigDict(frozen=True)

    published_streams: tuple[str, ...] = ()
    """The topics that it writes, without the country: `intake.cases`."""
    subscribed_streams: tuple[str, ...] = ()
    """The topics with events that it handles, without the country."""
    callers: tuple[Service, ...] = ()
    """The services that may call its API."""
    has_database: bool = True
    has_events: bool = True
    is_front_end: bool = False
    """True for pages, which call every other service with each person's own token."""
    secrets: tuple[str, ...] = ()
    largest_body: int = 2 * 1024 * 1024


_once = threading.Lock()


def capabilities() -> Mapping[Service, Capabilities]:
    """Return what each service declares about itself. Raises StackError.

    A process of its own imports the services for this, because they take 100 MB and would stay. The servers are
    started by several threads, of which only one starts that process.
    """
    with _once:
        return read_capabilities()


@cache
def read_capabilities() -> Mapping[Service, Capabilities]:
    """Ask a process of its own, which imports all services, for `capabilities`. Raises StackError."""
    command = [sys.executable, "-m", "solidary.platform.registry"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(f"The services could not be imported:\n{done.stderr}")
    return TypeAdapter(dict[Service, Capabilities]).validate_json(done.stdout)


def services_with_database() -> tuple[Service, ...]:
    """Return the services that have a database."""
    return tuple(service for service in SERVICES if capabilities()[service].has_database)


def services_with_events() -> tuple[Service, ...]:
    """Return the services that publish or handle events."""
    return tuple(service for service in SERVICES if capabilities()[service].has_events)


def front_end() -> Service | None:
    """Return the service whose pages are shown at `/` of the front door, if there is one."""
    return next((service for service in SERVICES if capabilities()[service].is_front_end), None)


def written_topics(country: str, service: Service) -> tuple[str, ...]:
    """Return the topics that a service writes, one for each audience: `pa.intake.cases`, `pa.intake.counts`."""
    return tuple(f"{country.lower()}.{name}" for name in capabilities()[service].published_streams)


def called_services(service: Service) -> tuple[Service, ...]:
    """Return the other services whose API a service may call."""
    return tuple(name for name in SERVICES if service in capabilities()[name].callers)


def read_topics(country: str, service: Service) -> tuple[str, ...]:
    """Return the topics that a service reads: those with events that it handles, and no others."""
    return tuple(f"{country.lower()}.{name}" for name in capabilities()[service].subscribed_streams)


def reads_notices(service: Service) -> bool:
    """Return true if a service reads the events of all services with the agencies that they concern."""
    return any(name.endswith(f".{Audience.PARTIES}") for name in capabilities()[service].subscribed_streams)


def all_topics(country: str) -> tuple[str, ...]:
    """Return the topics of all services in alphabetical order."""
    return tuple(sorted(name for service in SERVICES for name in written_topics(country, service)))
