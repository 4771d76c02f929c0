"""The webhook as an entity."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from solidary.platform.database import Aggregate, timestamp
from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from subscriptions.webhooks.endpoints.encryption import DecryptionError, SecretCipher
from subscriptions.webhooks.endpoints.rules import (
    ROTATION,
    WEBHOOK_TRANSITIONS,
    Actor,
    PauseReason,
    WebhookState,
)


class Webhook(Aggregate):
    """A place to which an agency's events are sent. `types`: only events of these types; none: all."""

    __tablename__ = "webhook"
    __location__ = "/webhooks/{id}"

    url: Mapped[str]
    types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    description: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=WebhookState.ACTIVE)
    pause_reason: Mapped[str | None]
    secret: Mapped[bytes]
    previous_secret: Mapped[bytes | None]
    previous_until: Mapped[timestamp | None]
    failures: Mapped[int] = mapped_column(default=0)
    """The attempts that failed since the last one that succeeded."""
    failing_since: Mapped[timestamp | None]
    retry_at: Mapped[timestamp | None]

    def pause(self, reason: PauseReason, by: Actor = Actor.OWNER) -> None:
        """Stop the deliveries; the events are kept. Raises TransitionNotAllowed."""
        self.state = WEBHOOK_TRANSITIONS.apply(WebhookState(self.state), "pause", {by})
        self.pause_reason = reason

    def resume(self) -> None:
        """Deliver again. Raises TransitionNotAllowed."""
        self.state = WEBHOOK_TRANSITIONS.apply(WebhookState(self.state), "resume", {Actor.OWNER})
        self.pause_reason = None
        self.forget_failures()

    def forget_failures(self) -> None:
        """Try again at once."""
        self.failures, self.failing_since, self.retry_at = 0, None, None

    def rotate(self, encrypted: bytes, now: datetime) -> None:
        """Take a new secret; the one before signs too, for a while."""
        self.previous_secret, self.previous_until = self.secret, now + ROTATION
        self.secret = encrypted

    def valid_secrets(self, cipher: SecretCipher, now: datetime) -> list[str]:
        """Return the secrets that sign now, the newest first. Raises DecryptionError for the newest."""
        valid = [cipher.decrypt(self.id, self.secret)]
        if self.previous_secret is not None and self.previous_until is not None and now < self.previous_until:
            with suppress(DecryptionError):
                valid.append(cipher.decrypt(self.id, self.previous_secret))
        return valid
