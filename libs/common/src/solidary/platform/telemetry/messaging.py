"""Spans of an event's path from one service to another, by OpenTelemetry's messaging conventions.

The relay sends events of many traces at once, so its span *links* to each of them. The span in which an event is
handled is a *child* of the span that published it, so one trace id covers all services (decision 0019). Without a
sampled parent there is no span.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, Span, SpanKind

from solidary.platform.telemetry.spans import Attributes, keep_agency, links_to, parse, span


def send_span(topic: str, traceparents: Iterable[str | None], count: int) -> AbstractContextManager[Span]:
    """Return the span in which the relay sends `count` events; it links to their stored traceparents."""
    return span(
        f"send {topic}",
        kind=SpanKind.CLIENT,
        links=links_to(traceparents),
        attributes=_messaging("send", topic, {"messaging.batch.message_count": count}),
    )


def batch_span(
    topic: str, traceparents: Iterable[str | None], count: int, group: str
) -> AbstractContextManager[Span]:
    """Return the span in which the consumer group handles a batch of `count` events in one transaction."""
    return span(
        f"process {topic}",
        kind=SpanKind.CONSUMER,
        links=links_to(traceparents),
        attributes=_messaging(
            "process", topic, {"messaging.batch.message_count": count, "messaging.consumer.group.name": group}
        ),
    )


@contextmanager
def event_span(topic: str, traceparent: str | None, group: str, *, event: str, type: str) -> Iterator[None]:
    """Continue an event's trace while the consumer group handles it; events published meanwhile belong to it.

    `event` and `type` are the CloudEvents id and type. The record's key may be a person's id, so it is not recorded.
    """
    parent = parse(traceparent)
    if parent is None:
        with keep_agency():
            yield
    elif not parent.trace_flags.sampled:
        token = contexts.attach(trace.set_span_in_context(NonRecordingSpan(parent)))
        try:
            with keep_agency():
                yield
        finally:
            contexts.detach(token)
    else:
        attributes: Attributes = {
            "messaging.consumer.group.name": group,
            "messaging.message.id": event,
            "cloudevents.event_type": type,
        }
        with span(
            f"process {topic}",
            kind=SpanKind.CONSUMER,
            parent=parent,
            attributes=_messaging("process", topic, attributes),
        ):
            yield


def job_span(job: str, traceparent: str | None) -> AbstractContextManager[Span]:
    """Return a job's span, which continues the trace in which the job was deferred, if any."""
    return span(f"job {job}", kind=SpanKind.CONSUMER, parent=parse(traceparent))


def _messaging(operation: str, topic: str, attributes: Attributes) -> Attributes:
    return {
        "messaging.system": "kafka",
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        "messaging.destination.name": topic,
        **attributes,
    }
