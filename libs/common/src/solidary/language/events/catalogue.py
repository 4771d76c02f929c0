"""The event types of all services, discovered in this package's modules."""

from __future__ import annotations

import importlib
import pkgutil

from solidary.language.events.event import Event, defined_types

PACKAGE = "solidary.language.events"


def event_types() -> list[type[Event]]:
    """Import every module of the package and return the event types defined there, by name."""
    for module in pkgutil.iter_modules(importlib.import_module(PACKAGE).__path__, prefix=f"{PACKAGE}."):
        importlib.import_module(module.name)
    return [kind for kind in defined_types() if kind.__module__.startswith(f"{PACKAGE}.")]


def published_types() -> list[type[Event]]:
    """Return the event types that are part of the contracts: all but the planned ones."""
    return [kind for kind in event_types() if not kind.planned]
