"""The figures of people."""

from __future__ import annotations

from solidary.platform.telemetry import Gauge

PROVISIONAL = Gauge(
    "solidary.people.provisional",
    "{person}",
    "People who may be registered twice and wait for a decision, rounded down to tens",
)
MEASUREMENTS = {PROVISIONAL: "machinery.count_provisional_people()"}
