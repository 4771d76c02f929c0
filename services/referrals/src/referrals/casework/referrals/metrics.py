"""The figures of referrals."""

from __future__ import annotations

from solidary.platform.telemetry import Gauge

OVERDUE = Gauge(
    "solidary.referrals.overdue", "{referral}", "Referrals without an answer in time, rounded down to tens"
)
MEASUREMENTS = {OVERDUE: "machinery.count_overdue_referrals()"}
