"""Every event type there is, by its name."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solidary.language.events.event import Event

PUBLISHERS = ("intake", "referrals", "planning", "market", "cash")


class Catalogue:
    """Event classes by type; filled as their modules are imported."""

    def __init__(self) -> None:
        self._types: dict[str, type[Event]] = {}

    def add(self, event: type[Event]) -> None:
        known = self._types.get(event.type)
        if known is not None and known.__qualname__ != event.__qualname__:
            raise TypeError(f"{event.type} is taken by {known.__qualname__}")
        self._types[event.type] = event

    def get(self, type_: str) -> type[Event] | None:
        return self._types.get(type_)

    def published(self) -> Iterator[type[Event]]:
        """The types of the five services, by name."""
        for speaker in PUBLISHERS:
            importlib.import_module(f"solidary.language.events.{speaker}")
        for type_ in sorted(self._types):
            if self._types[type_].__module__.startswith("solidary.language.events."):
                yield self._types[type_]


catalogue = Catalogue()
