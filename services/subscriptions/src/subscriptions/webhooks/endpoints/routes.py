"""The HTTP interface of webhooks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, created, page_of, runtime, versioned
from sqlalchemy import select

from subscriptions.webhooks.endpoints import commands
from subscriptions.webhooks.endpoints.encryption import SecretCipher
from subscriptions.webhooks.endpoints.models import Webhook
from subscriptions.webhooks.endpoints.schemas import (
    Replayed,
    ReplayIn,
    WebhookChanges,
    WebhookIn,
    WebhookOut,
    WebhookWithSecret,
)
from subscriptions.webhooks.policy import Policy

router = APIRouter(tags=["webhooks"])

Reader = Annotated[UnitOfWork, agency(Duty.INTEGRATOR)]
Administrator = Annotated[UnitOfWork, agency(Duty.INTEGRATOR, needs_code=True)]


def cipher_of(request: Request) -> SecretCipher:
    """Return the cipher of the webhooks' secrets."""
    return SecretCipher.of(runtime(request).settings)


def policy_of(request: Request) -> Policy:
    """Return the operator's settings of webhooks."""
    return Policy.of(runtime(request).settings)


Cipher = Annotated[SecretCipher, Depends(cipher_of)]
WebhookPolicy = Annotated[Policy, Depends(policy_of)]


@router.post("/webhooks", status_code=201)
async def create_webhook(
    unit: Administrator, cipher: Cipher, policy: WebhookPolicy, body: WebhookIn, response: Response
) -> WebhookWithSecret:
    """Create a webhook. Its secret is in this answer and is never shown again."""
    webhook, secret = await commands.create_webhook(
        unit,
        cipher,
        policy,
        url=body.url,
        types=body.types,
        description=body.description,
        paused=body.paused,
    )
    return _with_secret(created(webhook, response), secret)


@router.get("/webhooks")
async def list_webhooks(unit: Reader, cursor: Annotated[Cursor, Depends()]) -> Page[WebhookOut]:
    """List the webhooks of your agency, the newest first."""
    webhooks = select(Webhook).where(Webhook.agency == unit.principal.agency)
    return await page_of(unit.session, webhooks, cursor, WebhookOut.model_validate, by=Webhook)


@router.get("/webhooks/{webhook_id}")
@versioned(Webhook)
async def read_webhook(unit: Reader, webhook_id: UUID) -> WebhookOut:
    """Read a webhook, and whether its receiver accepts events."""
    return WebhookOut.model_validate(await unit.get(Webhook, webhook_id))


@router.patch("/webhooks/{webhook_id}")
@versioned(Webhook)
async def change_webhook(
    unit: Administrator, policy: WebhookPolicy, webhook_id: UUID, body: WebhookChanges
) -> WebhookOut:
    """Change where a webhook leads, or which events it gets from now on."""
    changes = body.model_dump(exclude_unset=True)
    required = {name: value for name, value in changes.items() if name == "description" or value is not None}
    return WebhookOut.model_validate(await commands.change_webhook(unit, policy, webhook_id, required))


@router.delete("/webhooks/{webhook_id}", status_code=204)
@versioned(Webhook)
async def delete_webhook(unit: Administrator, webhook_id: UUID) -> None:
    """Delete a webhook with its deliveries."""
    await commands.delete_webhook(unit, webhook_id)


@router.post("/webhooks/{webhook_id}/pause")
async def pause_webhook(unit: Administrator, webhook_id: UUID, response: Response) -> WebhookOut:
    """Stop deliveries. Events are kept for the webhook until it is resumed."""
    return WebhookOut.model_validate(created(await commands.pause_webhook(unit, webhook_id), response))


@router.post("/webhooks/{webhook_id}/resume")
async def resume_webhook(unit: Administrator, webhook_id: UUID, response: Response) -> WebhookOut:
    """Deliver what was kept, and what comes."""
    return WebhookOut.model_validate(created(await commands.resume_webhook(unit, webhook_id), response))


@router.post("/webhooks/{webhook_id}/secret", status_code=201)
async def rotate_secret(
    unit: Administrator, cipher: Cipher, webhook_id: UUID, response: Response
) -> WebhookWithSecret:
    """Give the webhook a new secret. For a day deliveries are signed with the one before too."""
    webhook, secret = await commands.rotate_secret(unit, cipher, webhook_id)
    return _with_secret(created(webhook, response), secret)


@router.post("/webhooks/{webhook_id}/replay")
async def replay(unit: Administrator, webhook_id: UUID, body: ReplayIn, response: Response) -> Replayed:
    """Send the events that have arrived since a moment, again or for the first time."""
    response.headers["Location"] = f"/webhooks/{webhook_id}/deliveries"
    return Replayed(events=await commands.replay(unit, webhook_id, body.since))


def _with_secret(webhook: Webhook, secret: str) -> WebhookWithSecret:
    shown = WebhookOut.model_validate(webhook)
    return WebhookWithSecret(**shown.model_dump(), secret=secret)
