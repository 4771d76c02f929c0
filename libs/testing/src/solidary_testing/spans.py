"""A fixture with the spans of a test (a pytest plugin, like `solidary_testing.servers`)."""

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
    """Keep spans in memory; OpenTelemetry has one provider in a process, to which this exporter is added."""
    memory = InMemorySpanExporter()
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        trace.set_tracer_provider(TracerProvider())
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    provider.add_span_processor(SimpleSpanProcessor(RedactingExporter(memory)))
    return memory


@pytest.fixture
def recorded(span_memory: InMemorySpanExporter) -> Recorded:
    """Return the ended spans of this test, in the order of their ends."""
    span_memory.clear()
    return span_memory.get_finished_spans


def is_child(child: ReadableSpan, parent: ReadableSpan) -> bool:
    """Return whether a span is a child of another one, in the same trace."""
    return (
        child.parent is not None
        and child.parent.span_id == parent.context.span_id
        and child.context.trace_id == parent.context.trace_id
    )


def has_link(span: ReadableSpan, to: ReadableSpan) -> bool:
    """Return whether a span links to another one, of any trace."""
    reference = (to.context.trace_id, to.context.span_id)
    return reference in [(each.context.trace_id, each.context.span_id) for each in span.links]
