from __future__ import annotations

import pytest
from solidary.platform.database import Database
from solidary.platform.measurements import PLATFORM, MeasurementMonitor
from solidary.platform.telemetry import Gauge
from solidary.platform.telemetry.metrics import (
    DATABASE_SIZE,
    DISK_FREE,
    DISK_SIZE,
    Counter,
    Histogram,
    Metric,
)

NUMBER = Gauge("samples.number", "{sample}", "A number")
NOTHING = Gauge("samples.nothing", "{sample}", "Nothing to measure")


async def test_figures_are_measured_in_one_statement(database, statements):
    monitor = MeasurementMonitor(database, {NUMBER: "SELECT 7", NOTHING: "NULL::int"})
    measured = await monitor.measure()
    assert len(statements) == 1
    assert measured[NUMBER] == [(7.0, {})]
    assert NOTHING not in measured
    assert measured[DATABASE_SIZE][0][0] > 1_000_000
    assert 0 < measured[DISK_FREE][0][0] < measured[DISK_SIZE][0][0]


async def test_disk_is_measured_while_the_database_does_not_answer(country):
    gone = Database(
        "postgresql://market@127.0.0.1:1/market", service="market", country=country, is_pooled=False
    )
    measured = await MeasurementMonitor(gone, {}).measure()
    assert measured.keys() == {DISK_SIZE, DISK_FREE}
    assert PLATFORM.keys().isdisjoint(measured)


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        (Gauge("a.lag", "{event}", ""), "a_lag"),
        (Gauge("a.age", "s", ""), "a_age_seconds"),
        (Gauge("a.disk", "By", ""), "a_disk_bytes"),
        (Counter("a.refused", "{request}", ""), "a_refused_total"),
        (Histogram("a.duration", "s", "", (1.0,)), "a_duration_seconds"),
    ],
)
def test_name_in_prometheus_has_the_unit(metric: Metric, name: str):
    assert metric.prometheus_name == name


def test_metric_is_declared_once():
    with pytest.raises(ValueError, match="twice"):
        Gauge(NUMBER.name, "s", "Another one")
