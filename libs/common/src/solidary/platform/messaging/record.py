"""A record as it came from Kafka, or from the parked events."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from aiokafka.structs import ConsumerRecord

from solidary.language.events import Envelope, decode

NOT_OURS = UUID("6f1f0d5e-7a53-4a0e-9d0e-1a4f6f0b7c11")
KEY_BYTES = 256
"""A longer key is none of ours, and would not go into an index."""


@dataclass(frozen=True)
class Record:
    """Key and id are known even where the body cannot be read."""

    key: str
    event_id: str
    headers: tuple[tuple[str, bytes], ...]
    value: bytes

    @classmethod
    def of(cls, kafka: ConsumerRecord[bytes, bytes]) -> Record:
        """A record without a usable `ce_id` gets one made of its place in the topic."""
        headers = tuple((_storable(name), value or b"") for name, value in kafka.headers)
        place = f"{kafka.topic}/{kafka.partition}/{kafka.offset}"
        said = dict(headers).get("ce_id", b"").decode(errors="replace")
        try:
            event_id = str(UUID(said))
        except ValueError:
            event_id = str(uuid5(NOT_OURS, place))
        key = kafka.key if kafka.key and len(kafka.key) <= KEY_BYTES else place.encode()
        return cls(_storable(key.decode(errors="replace")), event_id, headers, kafka.value or b"")

    def open(self) -> Envelope:
        """Raises DecodeError."""
        return decode(self.headers, self.value)


def _storable(text: str) -> str:
    """PostgreSQL holds every character but NUL."""
    return text.replace("\0", "\ufffd")
