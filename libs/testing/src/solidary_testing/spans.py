"""The spans that a test makes, kept in memory (a pytest plugin, like `solidary_testing.servers`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from solidary.platform.telemetry.spans import RedactingExporter

Recorded = Callable[[], Sequence[ReadableSpan]]


@pytest.fixture(scope="session")
def span_memory() -> InMemorySpanExporter:
    """OpenTelemetry takes one provider per process: ours joins whichever is there."""
    kept = InMemorySpanExporter()
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        trace.set_tracer_provider(TracerProvider())
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    provider.add_span_processor(SimpleSpanProcessor(RedactingExporter(kept)))
    return kept


@pytest.fixture
def recorded(span_memory: InMemorySpanExporter) -> Recorded:
    """The ended spans of this test, in the order of their ends."""
    span_memory.clear()
    return span_memory.get_finished_spans


def edge(child: ReadableSpan, parent: ReadableSpan) -> bool:
    """Whether `child` hangs under `parent`, in the same trace."""
    return (
        child.parent is not None
        and child.parent.span_id == parent.context.span_id
        and child.context.trace_id == parent.context.trace_id
    )


def link(span: ReadableSpan, to: ReadableSpan) -> bool:
    """Whether `span` links to the other, in whichever trace."""
    spot = (to.context.trace_id, to.context.span_id)
    return spot in [(each.context.trace_id, each.context.span_id) for each in span.links]
