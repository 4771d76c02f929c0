"""The page of all event types with their publishers and subscribers, made from the services' own subscribers."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from solidary.language.events import Event
from solidary.language.events.catalogue import event_types
from solidary.platform.registry import load_services

HEADER = """# Events
Every event type, by its name without the prefix `org.solidary.` and the version. The topic is that of the publisher and
the audience, such as `pa.intake.cases`; events for *parties* are in the feeds of the agencies concerned only. The
schemas are in `contracts/events`, the whole in `contracts/asyncapi.json`.

This page is generated: `make contracts` writes it from the event classes and the services' own subscribers.

| event | audience | meaning | subscribers, and what each does |
|---|---|---|---|
"""


def events_page() -> str:
    """Return the page in Markdown, one line for each event type."""
    subscribers = defaultdict[type[Event], list[str]](list)
    for service in load_services():
        for subscriber in service.subscribers:
            for event, handlers in (*subscriber.reactions.items(), *subscriber.projections.items()):
                subscribers[event] += [f"**{service.name}**: {_summary(handler)}" for handler in handlers]
    return HEADER + "".join(_lines(subscribers))


def _lines(subscribers: dict[type[Event], list[str]]) -> Iterator[str]:
    for kind in event_types():
        name = f"{kind.service}.{kind.aggregate}.{kind.fact}"
        handled = "<br>".join(subscribers[kind]) or (
            "planned: nobody publishes it yet" if kind.planned else "none yet"
        )
        yield f"| `{name}` | {kind.audience} | {_summary(kind)} | {handled} |\n"


def _summary(documented: type[Event] | Callable[..., Any]) -> str:
    return inspect.cleandoc(documented.__doc__ or "").split("\n\n")[0].replace("\n", " ")
