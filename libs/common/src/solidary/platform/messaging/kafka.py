"""Names of topics, and connections to Kafka."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from solidary.language.events.event import Event, stream
from solidary.platform.messaging.notices import NoticeCipher

BATCH_BYTES = 512 * 1024
"""The size of a batch that the relay builds; every event fits into one (`EVENT_BYTES` of the envelope)."""


def topic(country: str, event: type[Event]) -> str:
    """Return the name of the topic of an event type in a country's instance: `pa.intake.cases`."""
    return f"{country.lower()}.{stream(event)}"


@dataclass(frozen=True)
class KafkaSettings:
    """The broker's address and the service's account.

    The account logs in by SCRAM-SHA-256; without a user the broker has no access control. `ca`: with `tls`, a file of
    the certificates that may have signed the broker's; None: those that the machine trusts.
    """

    bootstrap: str
    user: str | None = None
    password: str | None = None
    tls: bool = False
    ca: Path | None = None
    notice_keys: tuple[str, ...] = ()
    """The secrets that encrypt notices: the first encrypts, all of them decrypt."""

    @property
    def notice_cipher(self) -> NoticeCipher:
        """The cipher of notices. Raises ValueError where no secret is set."""
        if not self.notice_keys:
            raise ValueError("SOLIDARY_NOTICE_KEYS is not set.")
        return NoticeCipher(self.notice_keys)

    def _access(self) -> dict[str, Any]:
        """Return the connection's options. Raises OSError for a `ca` that cannot be read."""
        access: dict[str, Any] = {"bootstrap_servers": self.bootstrap}
        if self.tls:
            access["ssl_context"] = ssl.create_default_context(cafile=self.ca)
        if self.user is None:
            return access | {"security_protocol": "SSL" if self.tls else "PLAINTEXT"}
        return access | {
            "security_protocol": "SASL_SSL" if self.tls else "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-256",
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
        }

    def producer(self) -> AIOKafkaProducer:
        """Return an idempotent producer whose events every replica acknowledges; the relay builds its batches."""
        return AIOKafkaProducer(
            **self._access(),
            acks="all",
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=10_000,
            retry_backoff_ms=50,
        )

    def consumer(self, *topics: str, group: str | None, max_records: int) -> AIOKafkaConsumer:
        """Return a consumer that starts at the first event its group has not committed; it commits no offset itself."""
        return AIOKafkaConsumer(
            *topics,
            **self._access(),
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=max_records,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=1_000,
            retry_backoff_ms=250,
            fetch_max_wait_ms=500,
        )
