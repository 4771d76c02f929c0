"""Spans kept in memory, and a way to run a program with telemetry as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from solidary.telemetry.spans import WithoutWords

CANARY = "Yolanda Canario 8-123-4567"
"""Stands for what people say; it must not be found in anything that telemetry writes."""

Spans = Callable[[], dict[str, ReadableSpan]]
Recorded = Callable[[], Sequence[ReadableSpan]]


@pytest.fixture(scope="session")
def memory() -> InMemorySpanExporter:
    """OpenTelemetry takes one provider per process: ours joins whichever is there."""
    kept = InMemorySpanExporter()
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        trace.set_tracer_provider(TracerProvider())
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    provider.add_span_processor(SimpleSpanProcessor(WithoutWords(kept)))
    return kept


@pytest.fixture
def recorded(memory: InMemorySpanExporter) -> Recorded:
    """The ended spans of this test, in the order of their ends."""
    memory.clear()
    return memory.get_finished_spans


@pytest.fixture
def spans(recorded: Recorded) -> Spans:
    """The ended spans of this test by name."""
    return lambda: {span.name: span for span in recorded()}


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a program's text with telemetry into `tmp_path`, unless the environment says otherwise."""
    return partial(run_into, tmp_path)


def run_into(folder: Path, program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**inherited, "SOLIDARY_TELEMETRY_DIR": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def edge(child: ReadableSpan, parent: ReadableSpan) -> bool:
    """Whether `child` hangs under `parent`, in the same trace."""
    return (
        child.parent is not None
        and child.parent.span_id == parent.context.span_id
        and child.context.trace_id == parent.context.trace_id
    )


def link(span: ReadableSpan, to: ReadableSpan) -> bool:
    spot = (to.context.trace_id, to.context.span_id)
    return spot in [(each.context.trace_id, each.context.span_id) for each in span.links]
