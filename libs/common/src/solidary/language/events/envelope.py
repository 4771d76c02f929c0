"""CloudEvents 1.0 in Kafka's binary mode: the attributes as headers, the event as a JSON body.

`source` is `/<country>/<service>`, `subject` is the aggregate's id and the Kafka key. The extensions are `agency` (the
owner agency), `sequence` (the number of the event within its aggregate, from 1) and `traceparent` (with the same value
as the Kafka header of that name, as W3C Trace Context requires). Other agencies concerned are not named: they find the
event in their feeds, which the subscriptions keep (`solidary.platform.messaging.notices`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from solidary.language.events.event import Event, event_type, stream
from solidary.language.problems import json_pointer

Headers = Sequence[tuple[str, bytes]]

EVENT_BYTES = 480 * 1024
"""The most that an event's body may take, in bytes.

With its other headers such an event fits a batch of the relay (solidary.platform.messaging.kafka), and that is half of
what a broker accepts by default (message.max.bytes).
"""


class DecodeError(ValueError):
    """A record that is not an event of this platform, or whose body breaks its type's schema.

    The message never quotes the body.
    """


class UnknownEventType(DecodeError):
    """A record of a type that this reader does not have, from a newer writer. The reader skips it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event with the attributes of its CloudEvents header."""

    id: UUID
    type: str
    source: str
    subject: str
    time: datetime
    agency: UUID
    sequence: int
    traceparent: str | None
    event: Event

    @property
    def topic(self) -> str:
        """The event's topic: `pa.intake.cases`."""
        country = self.source.strip("/").partition("/")[0]
        return f"{country}.{stream(type(self.event))}"


def headers(
    source: bytes,
    subject: bytes,
    id_: bytes,
    type_: bytes,
    time: bytes,
    agency: bytes,
    sequence: bytes,
    traceparent: bytes | None,
) -> list[tuple[str, bytes]]:
    """Return an event's Kafka headers.

    The values are bytes already, for the relay makes tens of thousands of headers a second.
    """
    result = [
        ("ce_specversion", b"1.0"),
        ("content-type", b"application/json"),
        ("ce_source", source),
        ("ce_id", id_),
        ("ce_type", type_),
        ("ce_subject", subject),
        ("ce_time", time),
        ("ce_agency", agency),
        ("ce_sequence", sequence),
    ]
    if traceparent:
        result += [("ce_traceparent", traceparent), ("traceparent", traceparent)]
    return result


def encode(envelope: Envelope) -> tuple[bytes, list[tuple[str, bytes]], bytes]:
    """Return the Kafka key, headers and value of an event that does not come from an outbox."""
    key = envelope.subject.encode()
    kafka_headers = headers(
        envelope.source.encode(),
        key,
        str(envelope.id).encode(),
        envelope.type.encode(),
        envelope.time.isoformat().encode(),
        str(envelope.agency).encode(),
        str(envelope.sequence).encode(),
        (envelope.traceparent or "").encode(),
    )
    return key, kafka_headers, envelope.event.model_dump_json().encode()


def decode(headers: Headers, value: bytes) -> Envelope:
    """Read a record. An event of an old version is upcast to the newest one.

    Raises UnknownEventType for a type that is not defined here, and DecodeError for anything that is not a CloudEvent
    of this platform.
    """
    attributes = dict(headers)
    try:
        type_ = attributes["ce_type"].decode()
        kind = event_type(type_)
        if attributes["ce_specversion"] != b"1.0":
            raise DecodeError("The record is not a CloudEvent of version 1.0.")
        if kind is None:
            raise UnknownEventType(type_)
        trace = attributes.get("ce_traceparent") or attributes.get("traceparent")
        return Envelope(
            id=UUID(attributes["ce_id"].decode()),
            type=type_,
            source=attributes["ce_source"].decode(),
            subject=attributes["ce_subject"].decode(),
            time=datetime.fromisoformat(attributes["ce_time"].decode()),
            agency=UUID(attributes["ce_agency"].decode()),
            sequence=int(attributes["ce_sequence"]),
            traceparent=trace.decode() if trace else None,
            event=upcast_to_newest(kind.model_validate_json(value, extra="ignore")),
        )
    except KeyError as missing:
        raise DecodeError(f"The record has no header {missing}.") from None
    except ValidationError as error:
        pointers = ", ".join(json_pointer(fault["loc"]) for fault in error.errors(include_input=False))
        raise DecodeError(f"{type_}: the body breaks its schema at {pointers}.") from None
    except DecodeError:
        raise
    except ValueError as error:
        raise DecodeError(f"A header cannot be read ({type(error).__name__}).") from None


def upcast_to_newest(event: Event) -> Event:
    """Convert an event of an old version to the newest one, version by version."""
    while (upcast := type(event).upcast) is not None:
        event = upcast(event.model_dump())
    return event
