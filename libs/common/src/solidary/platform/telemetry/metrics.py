"""The metrics of the platform: gauges that are read when metrics are collected, counters, and one histogram.

Each is declared once, here or in the service that has it, so that dashboards and alerts can be compared with the code
(`declared`). No metric discloses anything of one person: labels are those of `LABELS`, with values from the code, and
figures about people are rounded down to tens by the database function that counts them
(docs/operating/security.md, «What is measured and shown»).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

LABELS = frozenset(
    {
        "http.request.method",
        "http.response.status_code",
        "messaging.consumer.group.name",
        "messaging.destination.name",
        "messaging.destination.partition.id",
        "error.type",
    }
)
"""The attributes that a measurement may have; the SDK drops all others. None names an agency, a place or a person."""

_declared: dict[str, Metric] = {}


@dataclass(frozen=True)
class Metric:
    """A metric named by OpenTelemetry's conventions: dotted, without its unit (UCUM, in braces where counted)."""

    name: str
    unit: str
    description: str
    suffix: ClassVar[str] = ""

    def __post_init__(self) -> None:
        if _declared.setdefault(self.name, self) != self:
            raise ValueError(f"The metric {self.name} is declared twice.")

    @property
    def prometheus_name(self) -> str:
        """The name that OpenTelemetry's specification gives the metric in Prometheus."""
        unit = _PROMETHEUS_UNITS.get(self.unit)
        return "_".join(filter(None, (self.name.replace(".", "_"), unit, self.suffix)))


_PROMETHEUS_UNITS = {"s": "seconds", "By": "bytes", "1": "ratio"}


class Gauge(Metric):
    """A value that is read when metrics are collected."""


class Counter(Metric):
    """A number that only grows."""

    suffix: ClassVar[str] = "total"

    def add(self, attributes: Mapping[str, str | int] | None = None, amount: int = 1) -> None:
        """Count one more, or several."""
        _counter(self).add(amount, attributes)


@dataclass(frozen=True)
class Histogram(Metric):
    """Durations, counted in buckets."""

    buckets: Sequence[float]

    def record(self, value: float, attributes: Mapping[str, str | int]) -> None:
        """Record one value."""
        _histogram(self).record(value, attributes)


CONSUMER_LAG = Gauge(
    "solidary.consumer.lag", "{event}", "Events of a topic that a consumer has yet to handle"
)
OUTBOX_AGE = Gauge("solidary.outbox.age", "s", "Age of the oldest event that the relay has yet to send")
PARKED_KEYS = Gauge(
    "solidary.parked.keys", "{key}", "Aggregates whose events wait for an operator's decision"
)
JOBS_WAITING = Gauge("solidary.jobs.waiting", "{job}", "Jobs that have yet to begin")
JOBS_FAILED = Gauge("solidary.jobs.failed", "{job}", "Jobs that failed in each attempt and are still kept")
DATABASE_SIZE = Gauge("solidary.database.size", "By", "Size of the service's database")
DISK_SIZE = Gauge("solidary.disk.size", "By", "Size of the disk on which the process runs")
DISK_FREE = Gauge("solidary.disk.free", "By", "Bytes of that disk that are free")
TOKENS_REFUSED = Counter("solidary.tokens.refused", "{request}", "Requests whose access token was refused")
REQUEST_DURATION = Histogram(
    "http.server.request.duration",
    "s",
    "Time from a request's start to the end of its response",
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

Reading = tuple[float, Mapping[str, str | int]]
"""A value and its attributes: `(12, {"messaging.destination.name": "pa.intake"})`."""


def declared() -> Sequence[Metric]:
    """Return all metrics of the modules that were imported."""
    return list(_declared.values())


def start_counters() -> None:
    """Give each counter the value 0, so that Prometheus sees the first increase, too."""
    for metric in declared():
        if isinstance(metric, Counter):
            metric.add(amount=0)


def observe(gauge: Gauge, read: Callable[[], Iterable[Reading]]) -> None:
    """Call `read` at every collection from now on; it is called in another thread and must not block."""

    def readings(_: CallbackOptions) -> Iterable[Observation]:
        return [Observation(value, attributes) for value, attributes in read()]

    metrics.get_meter("solidary").create_observable_gauge(
        gauge.name, [readings], unit=gauge.unit, description=gauge.description
    )


@cache
def _counter(counter: Counter) -> metrics.Counter:
    meter = metrics.get_meter("solidary")
    return meter.create_counter(counter.name, unit=counter.unit, description=counter.description)


@cache
def _histogram(histogram: Histogram) -> metrics.Histogram:
    return metrics.get_meter("solidary").create_histogram(
        histogram.name,
        unit=histogram.unit,
        description=histogram.description,
        explicit_bucket_boundaries_advisory=histogram.buckets,
    )
