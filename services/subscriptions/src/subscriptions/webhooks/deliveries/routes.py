"""The HTTP interface of deliveries, and of their test."""

from __future__ import annotations

import time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, page_of, runtime
from sqlalchemy import select

from subscriptions.engines.signatures import signed_headers
from subscriptions.webhooks.deliveries import commands
from subscriptions.webhooks.deliveries.models import Delivery
from subscriptions.webhooks.deliveries.rules import DeliveryState
from subscriptions.webhooks.deliveries.schemas import DeliveryOut, TestResult
from subscriptions.webhooks.deliveries.sending import Sender
from subscriptions.webhooks.endpoints.encryption import SecretCipher
from subscriptions.webhooks.endpoints.models import Webhook
from subscriptions.webhooks.policy import Policy

router = APIRouter(tags=["webhooks"])

Reader = Annotated[UnitOfWork, agency(Duty.INTEGRATOR)]
Tester = Annotated[UnitOfWork, agency(Duty.INTEGRATOR, needs_code=True, read_only=True)]


@router.get("/webhooks/{webhook_id}/deliveries")
async def list_deliveries(
    unit: Reader,
    webhook_id: UUID,
    cursor: Annotated[Cursor, Depends()],
    state: DeliveryState | None = None,
) -> Page[DeliveryOut]:
    """List the deliveries of a webhook, the newest first."""
    webhook = await unit.get(Webhook, webhook_id)
    deliveries = select(Delivery).where(Delivery.agency == webhook.agency, Delivery.root == webhook.id)
    if state is not None:
        deliveries = deliveries.where(Delivery.state == state)
    return await page_of(unit.session, deliveries, cursor, DeliveryOut.model_validate, by=Delivery)


@router.post("/webhooks/{webhook_id}/test")
async def test_webhook(unit: Tester, request: Request, webhook_id: UUID) -> TestResult:
    """Send a signed test event at once and show what came of it, also while the webhook is paused."""
    settings = runtime(request).settings
    webhook = await unit.get(Webhook, webhook_id)
    event = commands.test_event(unit, webhook)
    valid = webhook.valid_secrets(SecretCipher.of(settings), unit.now)
    # No transaction is open while the receiver is waited for.
    await unit.session.commit()
    body = event.model_dump_json().encode()
    sender = Sender(Policy.of(settings))
    try:
        headers = signed_headers(valid, str(event.id), int(time.time()), body)
        outcome = await sender.send(webhook.agency, webhook.url, headers, body)
    finally:
        await sender.close()
    return TestResult(accepted=outcome.failure is None, status=outcome.status, failure=outcome.failure)
