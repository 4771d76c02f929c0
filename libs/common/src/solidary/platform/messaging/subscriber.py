"""Who hears what: reactions and projections, and the subscriber that gives them their events.

A *reaction* acts, once, on one event: `@reacts_to(ConsentWithdrawn)`. A *projection* keeps a read model and
takes events by the batch: `@projects(DemandCounted, ServiceGapCounted)`; it can be rebuilt from its topics.
Both work in one transaction with the inbox, so an event's effect happens exactly once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeVar

from solidary.language.events import Envelope, Event
from solidary.platform.database import UnitOfWork
from solidary.platform.telemetry import processing, receiving

E = TypeVar("E", bound=Event)
Reaction = Callable[[UnitOfWork, Any], Awaitable[None]]
Projection = Callable[[UnitOfWork, Sequence[Envelope]], Awaitable[None]]
R = TypeVar("R", bound=Callable[..., Awaitable[None]])


def reacts_to(event: type[Event]) -> Callable[[R], R]:
    """Marks `async def reaction(unit, event)`; one module may have several for one event."""

    def mark(reaction: R) -> R:
        reaction.__dict__.setdefault("reacts_to", []).append(event)
        return reaction

    return mark


def projects(*events: type[Event]) -> Callable[[R], R]:
    """Marks `async def project(unit, envelopes)`: all new events of these types in a batch, in order."""

    def mark(projection: R) -> R:
        projection.__dict__["projects"] = events
        return projection

    return mark


@dataclass
class Subscriber:
    """A named hearer: its own place in each topic, its own inbox and parked keys.

    `tables` are a projection's own (`data.demand`): a rebuild empties and fills them.
    """

    name: str
    reactions: dict[type[Event], list[Reaction]] = field(default_factory=dict)
    projections: dict[type[Event], list[Projection]] = field(default_factory=dict)
    tables: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, modules: Iterable[ModuleType]) -> Subscriber:
        """All marked functions of the modules."""
        subscriber = cls(name)
        for module in modules:
            subscriber.tables += getattr(module, "TABLES", ())
            for handler in vars(module).values():
                for event in getattr(handler, "reacts_to", ()):
                    subscriber.reactions.setdefault(event, []).append(handler)
                for event in getattr(handler, "projects", ()):
                    subscriber.projections.setdefault(event, []).append(handler)
        return subscriber

    @property
    def events(self) -> set[type[Event]]:
        return self.reactions.keys() | self.projections.keys()

    @property
    def services(self) -> list[str]:
        """The services it hears."""
        return sorted({event.service for event in self.events})

    async def handle(self, unit: UnitOfWork, envelopes: Sequence[Envelope]) -> None:
        """Gives new events to their handlers: reactions one by one, each projection its share at once."""
        for envelope in envelopes:
            for reaction in self.reactions.get(type(envelope.event), ()):
                with processing(
                    envelope.topic,
                    envelope.traceparent,
                    self.name,
                    event=str(envelope.id),
                    type=envelope.type,
                    key=envelope.subject,
                ):
                    await self._react(unit, reaction, envelope)
        shares: dict[Projection, list[Envelope]] = {}
        for envelope in envelopes:
            for projection in self.projections.get(type(envelope.event), ()):
                shares.setdefault(projection, []).append(envelope)
        for projection, share in shares.items():
            traces = [envelope.traceparent for envelope in share]
            with receiving(share[0].topic, traces, len(share), self.name):
                await projection(unit, share)

    async def _react(self, unit: UnitOfWork, reaction: Reaction, envelope: Envelope) -> None:
        """One reaction, and what it told with the story it belongs to; then its scope is left."""
        unit.envelope = envelope
        await reaction(unit, envelope.event)
        await unit.write_outbox()
        await unit.flush()
        await unit.leave_scope()
