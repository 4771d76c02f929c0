"""What an event is: a frozen pydantic model that knows its type, its version and its key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

PREFIX = "org.solidary"


class Event(BaseModel):
    """A fact that has happened.

    A subclass names itself: `class PersonRegistered(Event, name="intake.person.registered",
    key="person_id")`. `name` is `<service>.<aggregate>.<fact>`; `key` the field that holds the aggregate's
    id, by which Kafka keeps the order. Encoding is strict (an unknown field raises); decoding ignores
    fields that a newer writer added.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    service: ClassVar[str]
    aggregate: ClassVar[str]
    fact: ClassVar[str]
    schema_version: ClassVar[int]
    key_field: ClassVar[str]
    type: ClassVar[str]
    upcast: ClassVar[Callable[[dict[str, Any]], Event] | None] = None
    """On an old version, a static method: its fields → the next version's event."""

    def __init_subclass__(cls, *, name: str = "", key: str = "", version: int = 1, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)

    @classmethod
    def __pydantic_init_subclass__(
        cls,
        *,
        name: str = "",
        key: str = "",
        version: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if not name or not key:
            raise TypeError(f"{cls.__name__} must say its name and key")
        if key not in cls.model_fields:
            raise TypeError(f"{cls.__name__} has no field {key!r} to be its key")
        cls.service, cls.aggregate, cls.fact = name.split(".")
        cls.schema_version, cls.key_field = version, key
        cls.type = f"{PREFIX}.{name}.v{version}"
        from solidary.language.events.catalogue import catalogue

        catalogue.add(cls)

    @property
    def key(self) -> str:
        """The aggregate's id: the CloudEvents subject and the Kafka key."""
        return str(getattr(self, self.key_field))
