"""Spans of the platform: errors are recorded by their kind, agencies by their id, traces continue by traceparent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode
from opentelemetry.trace import TraceFlags as Flags
from opentelemetry.util.types import AnyValue

from solidary.platform.telemetry import exceptions

Attributes: TypeAlias = Mapping[str, str | int | float | bool]

tracer = trace.get_tracer("solidary")
agency: ContextVar[UUID | None] = ContextVar("agency", default=None)
"""The agency for which this request or reaction acts, where it is known; every log line names it."""
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The name of the request that is being answered; every log line and its span have it."""

_SAMPLED = frozenset("13579bdf")
"""The last digits of traceparents whose sampled flag, the last bit, is set; a cheap test for thousands."""
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


@contextmanager
def span(
    name: str,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    parent: SpanContext | None = None,
    links: Sequence[Link] = (),
    attributes: Attributes | None = None,
) -> Iterator[Span]:
    """Open a span that is current within the block; an error passes through it and is recorded by its kind.

    `parent` continues a trace that began elsewhere; without it the current span is the parent.
    """
    context = None if parent is None else trace.set_span_in_context(NonRecordingSpan(parent), Context())
    with tracer.start_as_current_span(
        name,
        context=context,
        kind=kind,
        links=links,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as started:
        try:
            with keep_agency():
                yield started
        except Exception as error:
            record(started, error)
            raise


@contextmanager
def keep_agency() -> Iterator[None]:
    """Restore the agency after the block."""
    known = agency.set(agency.get())
    try:
        yield
    finally:
        agency.reset(known)


def record(span: Span, error: BaseException) -> None:
    """Record in the span that it failed, and the kind of error, without the error's message."""
    if not span.is_recording():
        return
    description = exceptions.describe(error)
    span.set_attribute("error.type", description["type"])
    if "sqlstate" in description:
        span.set_attribute("db.response.status_code", description["sqlstate"])
    stack = "\n".join(description["frames"])
    span.add_event("exception", {"exception.type": description["type"], "code.stacktrace": stack})
    span.set_status(Status(StatusCode.ERROR))


def set_agency(acting: UUID) -> None:
    """Name the acting agency in spans and log lines from here to the end of the enclosing span."""
    agency.set(acting)
    trace.get_current_span().set_attribute("solidary.agency", str(acting))


def traceparent() -> str | None:
    """Return the current span as a W3C `traceparent`, to be stored with what continues it; None outside a trace."""
    current = trace.get_current_span().get_span_context()
    if not current.is_valid:
        return None
    return f"00-{current.trace_id:032x}-{current.span_id:016x}-{current.trace_flags:02x}"


def parse(traceparent: str | None) -> SpanContext | None:
    """Return the span that a `traceparent` names; None where it is missing or not valid (W3C: start a new trace)."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    if found is None:
        return None
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    context = SpanContext(trace_id, span_id, is_remote=True, trace_flags=Flags(flags))
    return context if context.is_valid else None


def links_to(traceparents: Iterable[str | None], most: int = 128) -> list[Link]:
    """Return links to the sampled traces, each once, up to the SDK's own limit."""
    sampled: dict[str, Link] = {}
    for each in traceparents:
        if not each or each[-1] not in _SAMPLED or each in sampled:
            continue
        context = parse(each)
        if context is not None:
            sampled[each] = Link(context)
            if len(sampled) == most:
                break
    return list(sampled.values())


class RedactingExporter(SpanExporter):
    """Exports spans without attributes that may quote people: errors' messages, URLs with their queries, agents.

    The platform's own spans do not record them (see `span`); those of libraries may.
    """

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._inner.export([_redacted(each) for each in spans])

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._inner.force_flush(timeout_millis)


_SENSITIVE = frozenset(
    {
        "exception.message",
        "exception.stacktrace",
        "url.full",
        "url.path",
        "url.query",
        "client.address",
        "user_agent.original",
        "db.query.text",
    }
)


def _redacted(span: ReadableSpan) -> ReadableSpan:
    if not (span.status.description or _is_sensitive(span) or any(map(_is_sensitive, span.events))):
        return span
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_safe_attributes(span),
        events=[Event(event.name, _safe_attributes(event), event.timestamp) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _is_sensitive(recorded: ReadableSpan | Event) -> bool:
    return not _SENSITIVE.isdisjoint(recorded.attributes or ())


def _safe_attributes(recorded: ReadableSpan | Event) -> dict[str, AnyValue]:
    return {name: value for name, value in (recorded.attributes or {}).items() if name not in _SENSITIVE}
