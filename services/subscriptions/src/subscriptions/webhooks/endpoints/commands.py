"""The commands on webhooks: one function and one transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork
from sqlalchemy import func, select

from subscriptions.engines.signatures import new_secret
from subscriptions.feed.events.rules import known_types
from subscriptions.problems import TooManyWebhooks
from subscriptions.webhooks.endpoints.encryption import SecretCipher
from subscriptions.webhooks.endpoints.models import Webhook
from subscriptions.webhooks.endpoints.rules import MAX_WEBHOOKS, PauseReason, WebhookState
from subscriptions.webhooks.endpoints.statements import LOCK_AGENCY, REPLAY, RETRY_NOW
from subscriptions.webhooks.policy import Policy


async def create_webhook(
    unit: UnitOfWork,
    cipher: SecretCipher,
    policy: Policy,
    *,
    url: str,
    types: Sequence[str],
    description: str | None,
    paused: bool,
) -> tuple[Webhook, str]:
    """Create a webhook and return it with its secret. Raises Invalid, TooManyWebhooks."""
    _check_url(policy, url)
    agency = unit.principal.agency
    await unit.session.execute(LOCK_AGENCY, {"agency": agency})
    existing = await unit.session.scalar(
        select(func.count()).select_from(Webhook).where(Webhook.agency == agency)
    )
    if (existing or 0) >= MAX_WEBHOOKS:
        raise TooManyWebhooks
    webhook = Webhook(url=url, types=_known(types), description=description)
    if paused:
        webhook.state, webhook.pause_reason = WebhookState.PAUSED, PauseReason.REQUESTED
    secret = new_secret()
    webhook.secret = cipher.encrypt(webhook.id, secret)
    unit.add(webhook)
    await unit.flush()
    await unit.session.refresh(webhook)
    return webhook, secret


async def change_webhook(
    unit: UnitOfWork, policy: Policy, webhook_id: UUID, changes: dict[str, Any]
) -> Webhook:
    """Change where a webhook leads, or which events it gets from now on. Raises NotFound, Invalid."""
    webhook = await unit.lock(Webhook, webhook_id)
    if "url" in changes:
        _check_url(policy, changes["url"])
        webhook.url = changes["url"]
        webhook.forget_failures()
    if "types" in changes:
        webhook.types = _known(changes["types"])
    if "description" in changes:
        webhook.description = changes["description"]
    await unit.flush()
    return webhook


async def delete_webhook(unit: UnitOfWork, webhook_id: UUID) -> None:
    """Delete a webhook with its deliveries. Raises NotFound."""
    await unit.session.delete(await unit.lock(Webhook, webhook_id))
    await unit.flush()


async def pause_webhook(unit: UnitOfWork, webhook_id: UUID) -> Webhook:
    """Stop deliveries; events are kept until it is resumed. Raises NotFound, TransitionNotAllowed."""
    webhook = await unit.lock(Webhook, webhook_id)
    webhook.pause(PauseReason.REQUESTED)
    await unit.flush()
    return webhook


async def resume_webhook(unit: UnitOfWork, webhook_id: UUID) -> Webhook:
    """Deliver what was kept, and what comes. Raises NotFound, TransitionNotAllowed."""
    webhook = await unit.lock(Webhook, webhook_id)
    webhook.resume()
    await unit.flush()
    await unit.session.execute(RETRY_NOW, {"agency": unit.principal.agency, "webhook": webhook_id})
    return webhook


async def rotate_secret(unit: UnitOfWork, cipher: SecretCipher, webhook_id: UUID) -> tuple[Webhook, str]:
    """Give a webhook a new secret and return both; the one before signs too for a day. Raises NotFound."""
    webhook = await unit.lock(Webhook, webhook_id)
    secret = new_secret()
    webhook.rotate(cipher.encrypt(webhook.id, secret), unit.now)
    await unit.flush()
    return webhook, secret


async def replay(unit: UnitOfWork, webhook_id: UUID, since: datetime) -> int:
    """Send the events that have arrived since a moment, again or for the first time; return their number.

    Raises NotFound.
    """
    webhook = await unit.lock(Webhook, webhook_id)
    webhook.forget_failures()
    await unit.flush()
    values = {"agency": unit.principal.agency, "webhook": webhook_id, "since": since}
    result: Any = await unit.session.execute(REPLAY, values)
    return int(result.rowcount)


def _check_url(policy: Policy, url: str) -> None:
    fault = policy.fault_of(url)
    if fault is not None:
        raise Invalid(fault, Fault("/url", fault))


def _known(types: Sequence[str]) -> list[str]:
    return known_types(types, (f"/types/{place}" for place in count()))
