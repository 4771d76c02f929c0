"""Subscriptions to events: reactions, projections, and the subscriber that gives them their events.

A *reaction* acts once on one event: `@reacts_to(ConsentEnded)`. A *projection* keeps a read model and takes
events in batches: `@projects(DemandCounted)`; it can be rebuilt from its topics. A handler of notices takes the events
of all services with the agencies that each of them concerns: `@takes_notices`. All work in one transaction with the
inbox, so that an event has its effect exactly once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeVar

from solidary.language.events import Envelope, Event
from solidary.language.events.catalogue import event_types
from solidary.language.events.event import stream
from solidary.language.notices import notice_stream
from solidary.platform.database import UnitOfWork
from solidary.platform.messaging.notices import Notice
from solidary.platform.telemetry import batch_span, event_span

E = TypeVar("E", bound=Event)
Reaction = Callable[[UnitOfWork, Any], Awaitable[None]]
Projection = Callable[[UnitOfWork, Sequence[Envelope]], Awaitable[None]]
NoticeHandler = Callable[[UnitOfWork, Sequence[Notice]], Awaitable[None]]
R = TypeVar("R", bound=Callable[..., Awaitable[None]])


def reacts_to(event: type[Event]) -> Callable[[R], R]:
    """Mark `async def reaction(unit, event)` as a reaction; a module may have several to one event type."""

    def mark(reaction: R) -> R:
        reaction.__dict__.setdefault("reacts_to", []).append(event)
        return reaction

    return mark


def projects(*events: type[Event]) -> Callable[[R], R]:
    """Mark `async def project(unit, envelopes)`: it is given all new events of these types in a batch, in order."""

    def mark(projection: R) -> R:
        projection.__dict__["projects"] = events
        return projection

    return mark


def takes_notices(handler: R) -> R:
    """Mark `async def handle(unit, notices)`: it is given all new notices of a batch, each aggregate's in order."""
    handler.__dict__["takes_notices"] = True
    return handler


@dataclass
class Subscriber:
    """A named set of handlers with its own consumer group, inbox and parked keys.

    `tables` are a projection's own, each with the column of its event's aggregate (`published.demand`: `report`): a
    rebuild empties and fills them.
    """

    name: str
    reactions: dict[type[Event], list[Reaction]] = field(default_factory=dict)
    projections: dict[type[Event], list[Projection]] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    notice_handler: NoticeHandler | None = None
    """The handler of notices, of a subscriber that handles nothing else."""

    @classmethod
    def of(cls, name: str, modules: Iterable[ModuleType]) -> Subscriber:
        """Return a subscriber with all marked functions of the modules, and their `TABLES`."""
        subscriber = cls(name)
        for module in modules:
            subscriber.tables |= getattr(module, "TABLES", {})
            for handler in vars(module).values():
                for event in getattr(handler, "reacts_to", ()):
                    subscriber.reactions.setdefault(event, []).append(handler)
                for event in getattr(handler, "projects", ()):
                    subscriber.projections.setdefault(event, []).append(handler)
                if getattr(handler, "takes_notices", False):
                    subscriber.notice_handler = handler
        return subscriber

    @property
    def events(self) -> set[type[Event]]:
        """The event types that have a handler."""
        return self.reactions.keys() | self.projections.keys()

    @property
    def streams(self) -> list[str]:
        """The topics of these events without the country (`intake.cases`), in alphabetical order."""
        if self.notice_handler is not None:
            return sorted({notice_stream(event.service) for event in event_types()})
        return sorted({stream(event) for event in self.events})

    async def handle_notices(self, unit: UnitOfWork, notices: Sequence[Notice]) -> None:
        """Give new notices to their handler, all at once."""
        if self.notice_handler is not None and notices:
            traces = [notice.traceparent for notice in notices]
            with batch_span("notices", traces, len(notices), self.name):
                await self.notice_handler(unit, notices)

    async def handle(self, unit: UnitOfWork, envelopes: Sequence[Envelope]) -> None:
        """Give new events to their handlers: to reactions one by one, to each projection all of its events at once."""
        for envelope in envelopes:
            for reaction in self.reactions.get(type(envelope.event), ()):
                with event_span(
                    envelope.topic,
                    envelope.traceparent,
                    self.name,
                    event=str(envelope.id),
                    type=envelope.type,
                ):
                    await self._react(unit, reaction, envelope)
        batches: dict[Projection, list[Envelope]] = {}
        for envelope in envelopes:
            for projection in self.projections.get(type(envelope.event), ()):
                batches.setdefault(projection, []).append(envelope)
        for projection, batch in batches.items():
            await unit.leave_scope()
            traces = [envelope.traceparent for envelope in batch]
            with batch_span(batch[0].topic, traces, len(batch), self.name):
                await projection(unit, batch)

    async def _react(self, unit: UnitOfWork, reaction: Reaction, envelope: Envelope) -> None:
        """End the scope of the reaction before, run this one, and write its events within its trace."""
        await unit.leave_scope()
        unit.envelope = envelope
        await reaction(unit, envelope.event)
        await unit.write_outbox()
        await unit.flush()
