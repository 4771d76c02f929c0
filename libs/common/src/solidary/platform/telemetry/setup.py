"""Starts traces, metrics and logs for one process, once.

Where they go: to a collector where `OTEL_EXPORTER_OTLP_ENDPOINT` says so, else to files in the folder
`SOLIDARY_TELEMETRY_DIR`, else nowhere. Log lines go to standard error in every case. Sampling, limits and
intervals follow OpenTelemetry's standard variables (docs/operating/telemetry.md).
"""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from solidary.platform.telemetry.files import JsonLines, MetricFile, SpanFile, sweep
from solidary.platform.telemetry.logs import QUIET, Lines, Shipping, report_uncaught
from solidary.platform.telemetry.spans import RedactingExporter

_FILE_DELAY_MS = 500
"""Spans reach the file this soon, so that `make trace` shows what just happened."""

_PATIENCE_SECONDS = 2
"""With a collector that does not answer, an export is given up after this, and so a process ends in time."""


@dataclass
class Telemetry:
    """What runs in this process; `stop` writes what still waits. Also stopped at the interpreter's exit."""

    _closing: list[Callable[[], object]] = field(default_factory=list)

    def stop(self) -> None:
        """Call it before the process ends; a process killed by a signal loses its last half second."""
        while self._closing:
            self._closing.pop()()


_running: Telemetry | None = None


def start(service: str, role: str) -> Telemetry:
    """Telemetry of the process `role` (api, worker, …) of `service`. A second call gives the first one's."""
    global _running
    if _running is None:
        _running = Telemetry()
        atexit.register(_running.stop)
        _start(service, role, _running)
    return _running


def _start(service: str, role: str, running: Telemetry) -> None:
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    folder = os.environ.get("SOLIDARY_TELEMETRY_DIR")
    resource = Resource.create(
        {
            "service.namespace": "solidary",
            "service.name": service,
            "service.instance.id": f"{service}-{role}-{os.getpid()}",
            "solidary.role": role,
        }
    )
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        patience = None if os.environ.get("OTEL_EXPORTER_OTLP_TIMEOUT") else _PATIENCE_SECONDS
        _export(resource, running, OTLPSpanExporter(timeout=patience), OTLPMetricExporter(timeout=patience))
        handlers.append(_ship(resource, running, OTLPLogExporter(timeout=patience)))
    elif folder:
        handlers.append(_write(Path(folder), f"{service}-{role}-{os.getpid()}", resource, running))
    _log(handlers, Lines(service, role))


def _write(folder: Path, name: str, resource: Resource, running: Telemetry) -> logging.Handler:
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    spans, measures, lines = (
        JsonLines(folder / f"{what}-{name}.jsonl") for what in ("traces", "metrics", "logs")
    )
    _export(resource, running, SpanFile(spans), MetricFile(measures), _FILE_DELAY_MS)
    running._closing.append(lines.close)
    return lines


def _export(
    resource: Resource,
    running: Telemetry,
    spans: SpanExporter,
    measures: MetricExporter,
    delay_ms: int | None = None,
) -> None:
    tracing = TracerProvider(resource=resource, shutdown_on_exit=False)
    tracing.add_span_processor(BatchSpanProcessor(RedactingExporter(spans), schedule_delay_millis=delay_ms))
    trace.set_tracer_provider(tracing)
    measuring = MeterProvider([PeriodicExportingMetricReader(measures)], resource, shutdown_on_exit=False)
    metrics.set_meter_provider(measuring)
    running._closing += [tracing.shutdown, measuring.shutdown]


def _ship(resource: Resource, running: Telemetry, lines: LogRecordExporter) -> logging.Handler:
    shipping = LoggerProvider(resource, shutdown_on_exit=False)
    shipping.add_log_record_processor(BatchLogRecordProcessor(lines))
    running._closing.append(shipping.shutdown)
    return Shipping(shipping.get_logger("solidary"))


def _log(handlers: list[logging.Handler], lines: Lines) -> None:
    root = logging.getLogger()
    root.setLevel(os.environ.get("SOLIDARY_LOG_LEVEL", "INFO").upper())
    for handler in handlers:
        handler.setFormatter(lines)
        root.addHandler(handler)
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # logging's own complaints print a call's arguments as they are
    report_uncaught()
