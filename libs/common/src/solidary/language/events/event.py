"""The base class of event types, and the registry of those that are defined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

PREFIX = "org.solidary"
"""The first part of every event type's name."""

_types: dict[str, type[Event]] = {}


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

        class PersonRegistered(Event, name="intake.person.registered", key="person_id"):

    `version` is the number of the schema, `planned` marks a type that nobody publishes yet. Encoding is strict (an
    unknown field raises); decoding ignores fields that a newer writer has added.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    service: ClassVar[str]
    aggregate: ClassVar[str]
    fact: ClassVar[str]
    schema_version: ClassVar[int]
    key_field: ClassVar[str]
    type: ClassVar[str]
    planned: ClassVar[bool]
    upcast: ClassVar[Callable[[dict[str, Any]], Event] | None] = None
    """On an old version, a static method that makes the next version's event from this version's fields."""

    def __init_subclass__(
        cls, *, name: str = "", key: str = "", version: int = 1, planned: bool = False, **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)

    @classmethod
    def __pydantic_init_subclass__(
        cls, *, name: str = "", key: str = "", version: int = 1, planned: bool = False, **kwargs: Any
    ) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if not name or not key:
            raise TypeError(f"{cls.__name__} is declared without a name or a key.")
        if key not in cls.model_fields:
            raise TypeError(f"{cls.__name__} has no field {key!r} to be its key.")
        cls.service, cls.aggregate, cls.fact = name.split(".")
        cls.schema_version, cls.key_field, cls.planned = version, key, planned
        cls.type = f"{PREFIX}.{name}.v{version}"
        known = _types.get(cls.type)
        if known is not None and known.__qualname__ != cls.__qualname__:
            raise TypeError(f"{cls.type} is already the type of {known.__qualname__}.")
        _types[cls.type] = cls

    @property
    def key(self) -> str:
        """The aggregate's id: the CloudEvents subject and the Kafka key."""
        return str(getattr(self, self.key_field))
