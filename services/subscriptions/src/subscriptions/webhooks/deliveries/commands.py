"""The commands of the worker on deliveries, and the event of a test."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from solidary.language.events.subscriptions import WebhookPaused
from solidary.platform.database import UnitOfWork

from subscriptions.engines.signatures import signed_headers
from subscriptions.feed.events.schemas import FeedEvent
from subscriptions.webhooks.deliveries.rules import (
    GONE,
    PATIENCE,
    Outcome,
    pause_after,
    probe_after,
)
from subscriptions.webhooks.deliveries.statements import CLAIM, DELIVERED, FAILED, RECOVERED
from subscriptions.webhooks.endpoints.encryption import DecryptionError, SecretCipher
from subscriptions.webhooks.endpoints.models import Webhook
from subscriptions.webhooks.endpoints.rules import Actor, PauseReason, WebhookState

TEST_TYPE = "org.solidary.subscriptions.webhook.tested.v1"


@dataclass(frozen=True)
class Claimed:
    """A delivery that this worker may try, until its lease ends, and all that it needs for it."""

    webhook: UUID
    agency: UUID
    delivery: UUID
    lease: UUID
    attempts: int
    url: str
    secrets: tuple[str, ...]
    event: FeedEvent

    def message(self) -> tuple[dict[str, str], bytes]:
        """Return the signed headers and the body, signed at this moment."""
        body = self.event.model_dump_json().encode()
        return signed_headers(self.secrets, str(self.event.id), int(time.time()), body), body


async def claim(
    unit: UnitOfWork, cipher: SecretCipher, webhook_id: UUID, *, limit: int, seconds: float
) -> list[Claimed]:
    """Lease the next deliveries of a webhook, of each aggregate the first one only."""
    webhook = await unit.session.get(Webhook, webhook_id)
    if webhook is None or webhook.state != WebhookState.ACTIVE:
        return []
    try:
        valid = tuple(webhook.valid_secrets(cipher, unit.now))
    except DecryptionError:
        _pause(unit, webhook, PauseReason.SECRET_UNREADABLE)
        return []
    lease, agency = uuid4(), unit.principal.agency
    values = {"agency": agency, "webhook": webhook_id, "limit": limit, "lease": lease, "seconds": seconds}
    rows = (await unit.session.execute(CLAIM, values)).all()
    return [
        Claimed(
            webhook=webhook_id,
            agency=agency,
            delivery=row.delivery,
            lease=lease,
            attempts=row.attempts,
            url=webhook.url,
            secrets=valid,
            event=FeedEvent(
                id=row.id,
                type=row.type,
                source=row.source,
                subject=row.subject,
                time=row.time,
                agency=row.owner,
                sequence=row.sequence,
                data=json.loads(row.payload),
            ),
        )
        for row in rows
    ]


async def record_accepted(unit: UnitOfWork, accepted: Sequence[tuple[Claimed, Outcome]]) -> None:
    """Record deliveries to one webhook that were accepted, but those of which another worker holds the lease by now.

    The webhook is locked before its deliveries, as its deletion does.
    """
    if not accepted:
        return
    values = {
        "agency": unit.principal.agency,
        "webhook": accepted[0][0].webhook,
        "deliveries": [claimed.delivery for claimed, _ in accepted],
        "leases": [claimed.lease for claimed, _ in accepted],
        "statuses": [outcome.status for _, outcome in accepted],
    }
    await unit.session.execute(RECOVERED, values)
    await unit.session.execute(DELIVERED, values)


async def record_failure(
    unit: UnitOfWork, claimed: Claimed, outcome: Outcome, *, pause_scale: float = 1.0
) -> None:
    """Record a failed attempt, unless another worker holds the lease by now."""
    values: dict[str, Any] = {
        "agency": claimed.agency,
        "webhook": claimed.webhook,
        "delivery": claimed.delivery,
        "lease": claimed.lease,
        "status": outcome.status,
        "failure": outcome.failure,
    }
    webhook = await unit.session.get(Webhook, claimed.webhook, with_for_update=True)
    if webhook is None:
        return
    pause = pause_after(claimed.attempts)
    values["pause"] = (pause or timedelta()) * pause_scale
    result: Any = await unit.session.execute(FAILED, values)
    if result.rowcount:
        _count_failure(unit, webhook, outcome, is_used_up=pause is None, pause_scale=pause_scale)


def _pause(unit: UnitOfWork, webhook: Webhook, reason: PauseReason) -> None:
    webhook.pause(reason, Actor.WORKER)
    unit.publish(WebhookPaused(webhook_id=webhook.id, reason=reason), about=webhook)


def _count_failure(
    unit: UnitOfWork, webhook: Webhook, outcome: Outcome, *, is_used_up: bool, pause_scale: float
) -> None:
    """Count a failure of a webhook, and pause it where it has failed for too long or wants no more events."""
    webhook.failures += 1
    webhook.failing_since = webhook.failing_since or unit.now
    webhook.retry_at = unit.now + probe_after(webhook.failures) * pause_scale
    if webhook.state != WebhookState.ACTIVE:
        return
    if outcome.status == GONE:
        _pause(unit, webhook, PauseReason.GONE)
    elif is_used_up or unit.now - webhook.failing_since > PATIENCE:
        _pause(unit, webhook, PauseReason.FAILING)


def test_event(unit: UnitOfWork, webhook: Webhook) -> FeedEvent:
    """Return an event that tests a webhook; it is in no feed."""
    return FeedEvent(
        id=uuid4(),
        type=TEST_TYPE,
        source=unit.source,
        subject=str(webhook.id),
        time=unit.now,
        agency=webhook.agency,
        sequence=1,
        data={"webhook_id": str(webhook.id)},
    )
