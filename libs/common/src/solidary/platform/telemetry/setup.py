"""The start of traces, metrics and logs in a process.

They are exported to a collector where `OTEL_EXPORTER_OTLP_ENDPOINT` names one, else to files in the folder
`SOLIDARY_TELEMETRY_DIR`, else nowhere. Log lines go to standard error in every case. Sampling, limits and intervals
follow OpenTelemetry's standard variables (docs/operating/telemetry.md).

The exporters are imported only where they are used: OTLP over HTTP brings an HTTP client of its own.
"""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from solidary.platform.telemetry.logs import QUIET, JsonFormatter, OtlpHandler, report_uncaught
from solidary.platform.telemetry.metrics import LABELS, start_counters
from solidary.platform.telemetry.spans import RedactingExporter

if TYPE_CHECKING:
    from opentelemetry.sdk._logs.export import LogRecordExporter

_FILE_DELAY_MS = 500
"""The delay with which spans are written to a file: short, so that `make trace` shows what has just happened."""

_TIMEOUT_SECONDS = 2
"""The timeout of one export, so that a process ends soon also where its collector does not answer."""


@dataclass
class Telemetry:
    """The running telemetry of a process; the interpreter's exit stops it, too."""

    _closing: list[Callable[[], object]] = field(default_factory=list)

    def stop(self) -> None:
        """Write what is still buffered. A process killed by a signal loses its last half second."""
        while self._closing:
            self._closing.pop()()


_running: Telemetry | None = None


def start(service: str, role: str) -> Telemetry:
    """Start the telemetry of the process `role` (api, worker, …) of `service`; once, a second call changes nothing."""
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
        handlers.append(_export_to_collector(resource, running))
    elif folder:
        handlers.append(_export_to_files(Path(folder), f"{service}-{role}-{os.getpid()}", resource, running))
    _install(handlers, JsonFormatter(service, role))


def _export_to_collector(resource: Resource, running: Telemetry) -> logging.Handler:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    timeout = None if os.environ.get("OTEL_EXPORTER_OTLP_TIMEOUT") else _TIMEOUT_SECONDS
    _export(resource, running, OTLPSpanExporter(timeout=timeout), OTLPMetricExporter(timeout=timeout))
    return _export_logs(resource, running, OTLPLogExporter(timeout=timeout))


def _export_to_files(folder: Path, name: str, resource: Resource, running: Telemetry) -> logging.Handler:
    from solidary.platform.telemetry.files import JsonLines, MetricFile, SpanFile, sweep

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(folder)
    spans, measurements, lines = (
        JsonLines(folder / f"{kind}-{name}.jsonl") for kind in ("traces", "metrics", "logs")
    )
    _export(resource, running, SpanFile(spans), MetricFile(measurements), _FILE_DELAY_MS)
    running._closing.append(lines.close)
    return lines


def _export(
    resource: Resource,
    running: Telemetry,
    spans: SpanExporter,
    measurements: MetricExporter,
    delay_ms: int | None = None,
) -> None:
    tracer_provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    tracer_provider.add_span_processor(
        BatchSpanProcessor(RedactingExporter(spans), schedule_delay_millis=delay_ms)
    )
    trace.set_tracer_provider(tracer_provider)
    reader = PeriodicExportingMetricReader(measurements)
    labels = View(instrument_name="*", attribute_keys=set(LABELS))
    meter_provider = MeterProvider([reader], resource, shutdown_on_exit=False, views=[labels])
    metrics.set_meter_provider(meter_provider)
    start_counters()
    running._closing += [tracer_provider.shutdown, meter_provider.shutdown]


def _export_logs(resource: Resource, running: Telemetry, exporter: LogRecordExporter) -> logging.Handler:
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

    provider = LoggerProvider(resource, shutdown_on_exit=False)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    running._closing.append(provider.shutdown)
    return OtlpHandler(provider.get_logger("solidary"))


def _install(handlers: list[logging.Handler], formatter: JsonFormatter) -> None:
    root = logging.getLogger()
    root.setLevel(os.environ.get("SOLIDARY_LOG_LEVEL", "INFO").upper())
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # logging's own error reports print a call's arguments as they are
    report_uncaught()
