"""Records as they are read from Kafka, or from the parked events."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from aiokafka.structs import ConsumerRecord

from solidary.language.events import Envelope, decode

FOREIGN_NAMESPACE = UUID("6f1f0d5e-7a53-4a0e-9d0e-1a4f6f0b7c11")
"""The namespace of the ids that records without a usable `ce_id` are given."""
KEY_BYTES = 256
"""The longest key; no event of the platform has a longer one, which an index could not hold."""


@dataclass(frozen=True)
class Record:
    """A record whose key and id are known, also where its value cannot be decoded."""

    key: str
    event_id: str
    headers: tuple[tuple[str, bytes], ...]
    value: bytes

    @classmethod
    def of(cls, kafka: ConsumerRecord[bytes, bytes]) -> Record:
        """Read a record of Kafka; one without a usable `ce_id` gets an id made of its place in the topic."""
        headers = tuple((_storable(name), value or b"") for name, value in kafka.headers)
        place = f"{kafka.topic}/{kafka.partition}/{kafka.offset}"
        given_id = dict(headers).get("ce_id", b"").decode(errors="replace")
        try:
            event_id = str(UUID(given_id))
        except ValueError:
            event_id = str(uuid5(FOREIGN_NAMESPACE, place))
        key = kafka.key if kafka.key and len(kafka.key) <= KEY_BYTES else place.encode()
        return cls(_storable(key.decode(errors="replace")), event_id, headers, kafka.value or b"")

    @property
    def agency(self) -> UUID | None:
        """The owner that the record names, where it names one."""
        try:
            return UUID(dict(self.headers)["ce_agency"].decode())
        except (KeyError, ValueError):
            return None

    def decode(self) -> Envelope:
        """Return the event in its envelope. Raises DecodeError."""
        return decode(self.headers, self.value)


def _storable(text: str) -> str:
    """Replace NUL, the one character that PostgreSQL cannot store."""
    return text.replace("\0", "\ufffd")
