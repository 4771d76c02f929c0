"""Traces, metrics and logs by OpenTelemetry, without what people said (docs/operating/telemetry.md)."""

from solidary.platform.telemetry.http import NATIVE_OFF, TraceRequests, carry_trace
from solidary.platform.telemetry.messaging import processing, receiving, sending, working
from solidary.platform.telemetry.metrics import CONSUMER_LAG, OUTBOX_AGE, PARKED_KEYS, Gauge, observe
from solidary.platform.telemetry.setup import Telemetry, start
from solidary.platform.telemetry.spans import acting_for, record, span, traceparent

__all__ = [
    "CONSUMER_LAG",
    "NATIVE_OFF",
    "OUTBOX_AGE",
    "PARKED_KEYS",
    "Gauge",
    "Telemetry",
    "TraceRequests",
    "acting_for",
    "carry_trace",
    "observe",
    "processing",
    "receiving",
    "record",
    "sending",
    "span",
    "start",
    "traceparent",
    "working",
]
