"""The registered services, and the names that their topics and databases have."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from solidary.platform.registry import load_service, service_names

Service: TypeAlias = str
"""A service's name: `intake`."""

SERVICES: tuple[Service, ...] = service_names()

DatabaseRole = Literal["migrate", "app", "relay", "backup"]
DATABASE_ROLES: tuple[DatabaseRole, ...] = get_args(DatabaseRole)


def subscriptions(service: Service) -> tuple[Service, ...]:
    """Return the other services whose topics a service reads, by its own subscribers."""
    return tuple(name for name in load_service(service).publishers if name != service)


def topic(country: str, service: Service) -> str:
    """Return the name of the topic that a service of a country publishes to: `pa.intake`."""
    return f"{country.lower()}.{service}"
