"""Gauges of a service's backlog, read when metrics are collected, and counters of what services watch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.metrics import Counter as Instrument


@dataclass(frozen=True, slots=True)
class Gauge:
    """A gauge named by OpenTelemetry's conventions: dotted, without its unit (UCUM, in braces where counted)."""

    name: str
    unit: str
    description: str


CONSUMER_LAG = Gauge(
    "solidary.consumer.lag", "{event}", "Events of a topic that a consumer has yet to handle"
)
OUTBOX_AGE = Gauge("solidary.outbox.age", "s", "Age of the oldest event that the relay has yet to send")
PARKED_KEYS = Gauge(
    "solidary.parked.keys", "{key}", "Aggregates whose events wait for an operator's decision"
)

Reading = tuple[float, Mapping[str, str | int]]
"""A value and its attributes: `(12, {"messaging.destination.name": "pa.intake"})`."""


def observe(gauge: Gauge, read: Callable[[], Iterable[Reading]]) -> None:
    """Call `read` at every collection from now on; it is called in another thread and must not block."""

    def readings(_: CallbackOptions) -> Iterable[Observation]:
        return [Observation(value, attributes) for value, attributes in read()]

    metrics.get_meter("solidary").create_observable_gauge(
        gauge.name, [readings], unit=gauge.unit, description=gauge.description
    )


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter, named as a gauge is."""

    name: str
    unit: str
    description: str

    def add(self, attributes: Mapping[str, str | int]) -> None:
        """Count one more."""
        _instrument(self).add(1, attributes)


@cache
def _instrument(counter: Counter) -> Instrument:
    meter = metrics.get_meter("solidary")
    return meter.create_counter(counter.name, unit=counter.unit, description=counter.description)
