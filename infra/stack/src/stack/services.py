"""The five services and their subscriptions: the one table behind topics, access lists and accounts."""

from __future__ import annotations

from typing import Literal, get_args

Service = Literal["intake", "referrals", "planning", "market", "cash"]
SERVICES: tuple[Service, ...] = get_args(Service)

SUBSCRIPTIONS: dict[Service, tuple[Service, ...]] = {
    "intake": ("referrals", "planning", "cash"),
    "referrals": ("intake",),
    "planning": ("intake", "market"),
    "market": ("planning",),
    "cash": ("intake", "referrals", "planning"),
}
"""The services whose topics each service reads; ARCHITECTURE.md has the events."""

DatabaseRole = Literal["migrate", "app", "relay", "backup"]
DATABASE_ROLES: tuple[DatabaseRole, ...] = get_args(DatabaseRole)


def topic(country: str, service: Service) -> str:
    """Return the name of the topic that a service of a country publishes to: `pa.intake`."""
    return f"{country.lower()}.{service}"
