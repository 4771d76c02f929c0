"""Spans of the way from one service to another, by OpenTelemetry's messaging conventions.

The relay sends many stories at once, so its span *links* to each; what a reader does with an event is a
*child* of the span that published it, so a story keeps one trace id across all services
(decision 0019). What is not sampled costs no span.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, Span, SpanKind

from solidary.platform.telemetry.spans import Attributes, as_before, links_to, parse, span


def sending(topic: str, traceparents: Iterable[str | None], count: int) -> AbstractContextManager[Span]:
    """The relay hands `count` events to the broker; their stored traceparents are linked where sampled."""
    return span(
        f"send {topic}",
        kind=SpanKind.CLIENT,
        links=links_to(traceparents),
        attributes=_messaging("send", topic, {"messaging.batch.message_count": count}),
    )


def receiving(
    topic: str, traceparents: Iterable[str | None], count: int, group: str
) -> AbstractContextManager[Span]:
    """The reader `group` handles a fetched batch of `count` events in one transaction."""
    return span(
        f"process {topic}",
        kind=SpanKind.CONSUMER,
        links=links_to(traceparents),
        attributes=_messaging(
            "process", topic, {"messaging.batch.message_count": count, "messaging.consumer.group.name": group}
        ),
    )


@contextmanager
def processing(
    topic: str, traceparent: str | None, group: str, *, event: str, type: str, key: str
) -> Iterator[None]:
    """The reader `group` handles one event; whatever it publishes meanwhile goes on with the same story.

    `event` and `type` are the CloudEvents id and type, `key` the aggregate's id.
    """
    parent = parse(traceparent)
    if parent is None:
        with as_before():
            yield
    elif not parent.trace_flags.sampled:
        token = contexts.attach(trace.set_span_in_context(NonRecordingSpan(parent)))
        try:
            with as_before():
                yield
        finally:
            contexts.detach(token)
    else:
        attributes: Attributes = {
            "messaging.consumer.group.name": group,
            "messaging.message.id": event,
            "messaging.kafka.message.key": key,
            "cloudevents.event_type": type,
        }
        with span(
            f"process {topic}",
            kind=SpanKind.CONSUMER,
            parent=parent,
            attributes=_messaging("process", topic, attributes),
        ):
            yield


def working(job: str, traceparent: str | None) -> AbstractContextManager[Span]:
    """A job, which goes on with the story that asked for it, if any."""
    return span(f"job {job}", kind=SpanKind.CONSUMER, parent=parse(traceparent))


def _messaging(operation: str, topic: str, attributes: Attributes) -> Attributes:
    return {
        "messaging.system": "kafka",
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        "messaging.destination.name": topic,
        **attributes,
    }
