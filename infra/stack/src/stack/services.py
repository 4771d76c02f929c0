"""The five services and who hears whom: the one table behind topics, access lists and accounts."""

from __future__ import annotations

from typing import Literal, get_args

Service = Literal["intake", "referrals", "planning", "market", "cash"]
SERVICES: tuple[Service, ...] = get_args(Service)

# The listener's row names the speakers it hears, and no other; the facts themselves stand in ARCHITECTURE.md.
HEARS: dict[Service, tuple[Service, ...]] = {
    "intake": ("referrals", "planning", "cash"),
    "referrals": ("intake",),
    "planning": ("intake", "market"),
    "market": ("planning",),
    "cash": ("intake", "referrals", "planning"),
}

DatabaseRole = Literal["migrate", "app", "relay", "backup"]
DATABASE_ROLES: tuple[DatabaseRole, ...] = get_args(DatabaseRole)


def topic(country: str, service: Service) -> str:
    """Where a service of a country speaks: `pa.intake`."""
    return f"{country.lower()}.{service}"
