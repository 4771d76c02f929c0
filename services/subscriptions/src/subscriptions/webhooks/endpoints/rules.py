"""The states of a webhook and who may change them, and what a webhook may be."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from solidary.language.transitions import Transition, TransitionTable

MAX_WEBHOOKS = 10
"""The webhooks that one agency may have."""
ROTATION = timedelta(hours=24)
"""The time in which the secret before signs too."""


class WebhookState(StrEnum):
    """The states of a webhook. While it is paused, its events are kept for it."""

    ACTIVE = "active"
    PAUSED = "paused"


class PauseReason(StrEnum):
    """The reason of a pause."""

    REQUESTED = "requested"
    FAILING = "failing"
    """It did not accept an event for three days."""
    GONE = "gone"
    """It answered 410: it wants no more events."""
    SECRET_UNREADABLE = "secret_unreadable"
    """No secret of SOLIDARY_WEBHOOK_KEYS decrypts its secret: it needs a new one."""


class Actor(StrEnum):
    """The parties that may change the state of a webhook."""

    OWNER = "owner"
    WORKER = "worker"


WEBHOOK_TRANSITIONS = TransitionTable(
    "webhook",
    initial=(WebhookState.ACTIVE, WebhookState.PAUSED),
    transitions=(
        Transition("pause", WebhookState.ACTIVE, WebhookState.PAUSED, by=(Actor.OWNER, Actor.WORKER)),
        Transition("resume", WebhookState.PAUSED, WebhookState.ACTIVE, by=(Actor.OWNER,)),
    ),
)
