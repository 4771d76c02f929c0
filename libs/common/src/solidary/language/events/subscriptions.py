"""Events of the subscriptions: what became of an agency's webhooks, for its own feed."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from solidary.language.events.event import Audience, Event


class WebhookPaused(Event, name="subscriptions.webhook.paused", key="webhook_id", audience=Audience.PARTIES):
    """A webhook gets no more events until somebody resumes it. It was paused by the worker, and not by a person."""

    webhook_id: UUID
    reason: str = Field(description="A code: failing, gone or secret_unreadable.")
