"""What telemetry costs: a traced request beside FastAPI's own tracing, an event over relay and reader.

CPU time of this process, best of five rounds; spans are made and thrown away.
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
from solidary.platform.telemetry import NATIVE_OFF, TraceRequests, processing, receiving, sending

from benchmarks import Claim, Outcome

REQUESTS, BATCH, BATCHES, ROUNDS = 1000, 500, 10, 5
STORY = f"00-{7:032x}-{7:016x}-"


class Nowhere(SpanExporter):
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.SUCCESS


def measure() -> Outcome:
    """Rows: microseconds of CPU per request or event."""
    tracing = TracerProvider()
    tracing.add_span_processor(BatchSpanProcessor(Nowhere()))
    trace.set_tracer_provider(tracing)
    metrics.set_meter_provider(MeterProvider([InMemoryMetricReader()]))
    bare = _best(_requests(_application()), REQUESTS)
    requests = {
        "request, not traced": bare,
        "request, TraceRequests": _best(_requests(TraceRequests(_application())), REQUESTS),
        "request, FastAPI's own": _best(_requests(_application({"logs": False})), REQUESTS),
    }
    events = {
        "event, no story": _best(_events(None), BATCH * BATCHES),
        "event, story not sampled": _best(_events("00"), BATCH * BATCHES),
        "event, story sampled": _best(_events("01"), BATCH * BATCHES),
    }
    ours, theirs = (requests[name] - bare for name in ("request, TraceRequests", "request, FastAPI's own"))
    rows = [{"what": what, "µs": round(cost, 1)} for what, cost in (requests | events).items()]
    claims = [
        Claim("cost of tracing a request, ours / FastAPI's own", ours / theirs, 0.6, at_least=False),
        Claim(
            "cost of an event, not sampled / sampled",
            events["event, story not sampled"] / events["event, story sampled"],
            0.35,
            at_least=False,
        ),
    ]
    return Outcome(rows, claims, "FastAPI's own records paths and queries, and has a span per operation.")


def _application(telemetry: Any = NATIVE_OFF) -> FastAPI:
    app = FastAPI(telemetry=telemetry)

    @app.get("/people/{person}")
    async def read(person: int) -> int:
        return person

    return app


def _requests(app: Callable[..., Any]) -> Callable[[], None]:
    async def nothing(*_: object) -> MutableMapping[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def ask() -> None:
        for _ in range(REQUESTS):
            scope = {
                "type": "http",
                "method": "GET",
                "path": "/people/3",
                "query_string": b"after=7",
                "headers": [(b"host", b"intake"), (b"traceparent", f"{STORY}01".encode())],
                "scheme": "http",
                "http_version": "1.1",
            }
            await app(scope, nothing, nothing)

    return lambda: asyncio.run(ask())


def _events(flags: str | None) -> Callable[[], None]:
    def handle() -> None:
        for batch in range(BATCHES):
            stories = [flags and f"00-{batch * BATCH + n + 1:032x}-{7:016x}-{flags}" for n in range(BATCH)]
            with sending("pa.intake", stories, BATCH):
                pass
            with receiving("pa.intake", stories, BATCH, "referrals"):
                for story in stories:
                    with processing("pa.intake", story, "referrals", event="e", type="t", key="k"):
                        pass

    return handle


def _best(work: Callable[[], None], count: int) -> float:
    seconds = []
    for _ in range(ROUNDS):
        begun = process_time()
        work()
        seconds.append(process_time() - begun)
    return min(seconds) / count * 1e6
