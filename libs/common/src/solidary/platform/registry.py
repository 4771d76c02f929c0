"""The services of this installation: every distribution that declares one in its own `pyproject.toml`.

    [project.entry-points."solidary.services"]
    shelters = "shelters.service:service"

Topics, access lists, databases, accounts, ports, containers and checks are derived from this list. No other file
names the services.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from solidary.files.command_line import CommandError

if TYPE_CHECKING:
    from solidary.platform.service import Service

GROUP = "solidary.services"


def service_names() -> tuple[str, ...]:
    """Return the names of all services in alphabetical order, without importing any of them."""
    return tuple(sorted(_entries()))


def load_service(name: str) -> Service:
    """Import a service and return it. Raises CommandError where no distribution declares it."""
    entry = _entries().get(name)
    if entry is None:
        names = ", ".join(service_names()) or "none"
        raise CommandError(
            f"There is no service «{name}». The services are: {names}. After adding one, run «make env»."
        )
    service: Service = entry.load()
    if service.name != name:
        raise CommandError(
            f"The entry point «{name}» of {GROUP} leads to the service «{service.name}». "
            f"Give both the same name in services/{name}/pyproject.toml and {entry.module}."
        )
    return service


def load_services() -> tuple[Service, ...]:
    """Import all services and return them in alphabetical order."""
    return tuple(load_service(name) for name in service_names())


@cache
def _entries() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def main() -> None:
    """Print what each service declares about itself, as JSON."""
    declared = {
        service.name: {
            "published_streams": service.published_streams,
            "subscribed_streams": service.subscribed_streams,
            "callers": service.callers,
            "has_database": service.has_database,
            "has_events": service.has_events,
            "is_front_end": service.pages is not None,
            "secrets": list(service.secrets),
            "largest_body": service.largest_body,
        }
        for service in load_services()
    }
    print(json.dumps(declared))


if __name__ == "__main__":
    main()
