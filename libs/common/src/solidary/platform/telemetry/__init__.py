"""Traces, metrics and logs by OpenTelemetry, without the content of requests (docs/operating/telemetry.md)."""

from solidary.platform.telemetry.http import NATIVE_OFF, TraceRequests, carry_trace
from solidary.platform.telemetry.messaging import batch_span, event_span, job_span, send_span
from solidary.platform.telemetry.metrics import (
    CONSUMER_LAG,
    JOBS_FAILED,
    JOBS_WAITING,
    OUTBOX_AGE,
    PARKED_KEYS,
    Counter,
    Gauge,
    observe,
)
from solidary.platform.telemetry.setup import Telemetry, start
from solidary.platform.telemetry.spans import record, set_agency, span, traceparent

__all__ = [
    "CONSUMER_LAG",
    "JOBS_FAILED",
    "JOBS_WAITING",
    "NATIVE_OFF",
    "OUTBOX_AGE",
    "PARKED_KEYS",
    "Counter",
    "Gauge",
    "Telemetry",
    "TraceRequests",
    "batch_span",
    "carry_trace",
    "event_span",
    "job_span",
    "observe",
    "record",
    "send_span",
    "set_agency",
    "span",
    "start",
    "traceparent",
]
