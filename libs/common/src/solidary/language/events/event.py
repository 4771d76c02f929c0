"""The base class of event types, and the registry of those that are defined."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

PREFIX = "org.solidary"
"""The first part of every event type's name."""

_types: dict[str, type[Event]] = {}


class Audience(StrEnum):
    """The readers for whom an event is meant. Each audience of a service has a topic of its own: `pa.intake.cases`."""

    CASES = "cases"
    """Services that work on a person's or household's case. The events have ids of the case and nothing else."""
    COUNTS = "counts"
    """Readers of published counts of k people or more."""
    MONEY = "money"
    """Readers of the end of payments."""
    PLANS = "plans"
    """Readers of territories, plans, and proposals for plans, which are not about single people."""
    AUDIT = "audit"
    """Auditors of agencies: seals of logs and unusual use, without a person."""
    PARTIES = "parties"
    """The agencies concerned only, in their feeds. Other services learn nothing of it: it leaves as a notice only."""


def event_type(name: str) -> type[Event] | None:
    """Return the class of an event type (`org.solidary.intake.person.registered.v1`) whose module has been imported."""
    return _types.get(name)


def defined_types() -> list[type[Event]]:
    """Return the event types of all modules that have been imported, by name."""
    return [_types[name] for name in sorted(_types)]


class Event(BaseModel):
    """A fact that has happened.

    A subclass is declared with its name, `<service>.<aggregate>.<fact>`, and the field that holds the aggregate's id,
    by which Kafka keeps the order:

        class PersonRegistered(Event, name="intake.person.registered", key="person_id", audience=Audience.CASES):

    `audience` decides the topic. `version` is the number of the schema, `planned` marks a type that nobody publishes
    yet. Encoding is strict (an unknown field raises); decoding ignores fields that a newer writer has added.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    service: ClassVar[str]
    aggregate: ClassVar[str]
    audience: ClassVar[Audience]
    fact: ClassVar[str]
    schema_version: ClassVar[int]
    key_field: ClassVar[str]
    type: ClassVar[str]
    planned: ClassVar[bool]
    upcast: ClassVar[Callable[[dict[str, Any]], Event] | None] = None
    """On an old version, a static method that makes the next version's event from this version's fields."""

    def __init_subclass__(
        cls,
        *,
        name: str = "",
        key: str = "",
        audience: Audience | None = None,
        version: int = 1,
        planned: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)

    @classmethod
    def __pydantic_init_subclass__(
        cls,
        *,
        name: str = "",
        key: str = "",
        audience: Audience | None = None,
        version: int = 1,
        planned: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if not name or not key or audience is None:
            raise TypeError(f"{cls.__name__} is declared without a name, a key or an audience.")
        if key not in cls.model_fields:
            raise TypeError(f"{cls.__name__} has no field {key!r} to be its key.")
        cls.service, cls.aggregate, cls.fact = name.split(".")
        cls.schema_version, cls.key_field, cls.planned, cls.audience = version, key, planned, audience
        cls.type = f"{PREFIX}.{name}.v{version}"
        known = _types.get(cls.type)
        if known is not None and known.__qualname__ != cls.__qualname__:
            raise TypeError(f"{cls.type} is already the type of {known.__qualname__}.")
        _types[cls.type] = cls

    @property
    def key(self) -> str:
        """The aggregate's id: the CloudEvents subject and the Kafka key."""
        return str(getattr(self, self.key_field))


def stream(event: type[Event]) -> str:
    """Return the name of the events of one service for one audience: `intake.cases`."""
    return f"{event.service}.{event.audience}"
