"""The figures of payment plans."""

from __future__ import annotations

from solidary.platform.telemetry import Gauge

STUCK = Gauge(
    "solidary.payment_plans.stuck",
    "{plan}",
    "Plans that have been released but not reconciled, without a step for three days",
)
MEASUREMENTS = {STUCK: "machinery.count_stuck_plans(interval '3 days')"}
