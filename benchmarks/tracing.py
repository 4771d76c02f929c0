"""The CPU time of telemetry: a traced request beside FastAPI's own tracing, and an event from relay to consumer.

The figures are the best of five rounds. Spans are created and discarded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping, Sequence
from time import process_time
from typing import Any

from fastapi import FastAPI
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from solidary.platform.telemetry import NATIVE_OFF, TraceRequests, batch_span, event_span, send_span

from benchmarks import BenchmarkResult, Claim

REQUESTS, BATCH, BATCHES, ROUNDS = 1000, 500, 10, 5
TRACE = f"00-{7:032x}-{7:016x}-"


class DiscardingExporter(SpanExporter):
    """An exporter that discards all spans."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Discard spans."""
        return SpanExportResult.SUCCESS


def measure() -> BenchmarkResult:
    """Measure the microseconds of CPU time per request and per event."""
    tracing = TracerProvider()
    tracing.add_span_processor(BatchSpanProcessor(DiscardingExporter()))
    trace.set_tracer_provider(tracing)
    metrics.set_meter_provider(MeterProvider([InMemoryMetricReader()]))
    bare = _best(_requests(_application()), REQUESTS)
    requests = {
        "request, not traced": bare,
        "request, TraceRequests": _best(_requests(TraceRequests(_application())), REQUESTS),
        "request, FastAPI's own": _best(_requests(_application({"logs": False})), REQUESTS),
    }
    events = {
        "event, no trace": _best(_events(None), BATCH * BATCHES),
        "event, trace not sampled": _best(_events("00"), BATCH * BATCHES),
        "event, trace sampled": _best(_events("01"), BATCH * BATCHES),
    }
    ours, theirs = (requests[name] - bare for name in ("request, TraceRequests", "request, FastAPI's own"))
    rows = [{"measured": name, "µs": round(cost, 1)} for name, cost in (requests | events).items()]
    claims = [
        Claim("cost of tracing a request, ours / FastAPI's own", ours / theirs, 0.6, at_least=False),
        Claim(
            "cost of an event, not sampled / sampled",
            events["event, trace not sampled"] / events["event, trace sampled"],
            0.35,
            at_least=False,
        ),
    ]
    return BenchmarkResult(
        rows, claims, "FastAPI's own records paths and queries, and has a span per operation."
    )


def _application(telemetry: Any = NATIVE_OFF) -> FastAPI:
    app = FastAPI(telemetry=telemetry)

    @app.get("/people/{person}")
    async def read(person: int) -> int:
        return person

    return app


def _requests(app: Callable[..., Any]) -> Callable[[], None]:
    async def receive_or_send(*_: object) -> MutableMapping[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send_requests() -> None:
        for _ in range(REQUESTS):
            scope = {
                "type": "http",
                "method": "GET",
                "path": "/people/3",
                "query_string": b"after=7",
                "headers": [(b"host", b"intake"), (b"traceparent", f"{TRACE}01".encode())],
                "scheme": "http",
                "http_version": "1.1",
            }
            await app(scope, receive_or_send, receive_or_send)

    return lambda: asyncio.run(send_requests())


def _events(flags: str | None) -> Callable[[], None]:
    def handle() -> None:
        for batch in range(BATCHES):
            traces = [flags and f"00-{batch * BATCH + n + 1:032x}-{7:016x}-{flags}" for n in range(BATCH)]
            with send_span("pa.intake", traces, BATCH):
                pass
            with batch_span("pa.intake", traces, BATCH, "referrals"):
                for trace_ in traces:
                    with event_span("pa.intake", trace_, "referrals", event="e", type="t"):
                        pass

    return handle


def _best(work: Callable[[], None], count: int) -> float:
    seconds = []
    for _ in range(ROUNDS):
        start = process_time()
        work()
        seconds.append(process_time() - start)
    return min(seconds) / count * 1e6
