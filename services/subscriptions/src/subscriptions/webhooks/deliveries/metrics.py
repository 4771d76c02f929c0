"""The figures of webhooks."""

from __future__ import annotations

from solidary.platform.telemetry import Counter, Gauge

from subscriptions.webhooks.deliveries.rules import FAILING, Outcome

ATTEMPTS = Counter("solidary.webhook.attempts", "{attempt}", "Attempts to deliver an event to a webhook")
PAUSED = Gauge("solidary.webhooks.paused", "{webhook}", "Webhooks that were paused because they failed")
FAILING_WEBHOOKS = Gauge(
    "solidary.webhooks.failing", "{webhook}", f"Webhooks whose last {FAILING} attempts or more failed"
)
OLDEST_WAITING = Gauge(
    "solidary.webhooks.oldest_waiting",
    "s",
    "Age of the oldest event that waits for a webhook whose last attempt did not fail",
)
MEASUREMENTS = {
    PAUSED: "machinery.count_paused_webhooks()",
    FAILING_WEBHOOKS: f"machinery.count_failing_webhooks({FAILING})",
    OLDEST_WAITING: "machinery.oldest_waiting_delivery()",
}


def count_attempt(outcome: Outcome) -> None:
    """Count an attempt; `error.type` is the reason of a failure."""
    ATTEMPTS.add({"error.type": str(outcome.failure)} if outcome.failure else {})
