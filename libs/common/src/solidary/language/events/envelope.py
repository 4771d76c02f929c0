"""CloudEvents 1.0 in Kafka's binary mode: the attributes as headers, the event as a JSON body.

`source` is `/<country>/<service>`, `subject` the aggregate's id and the Kafka key. Extensions: `agency` (the
owner), `parties` (other agencies concerned, comma-separated), `sequence` (the aggregate's own count, from
1), `traceparent` (the same value stands in the Kafka header of that name, as W3C Trace Context wants it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from solidary.language.events.catalogue import catalogue
from solidary.language.events.event import Event

Headers = Sequence[tuple[str, bytes]]

EVENT_BYTES = 480 * 1024
"""What an event's body and parties may take: with its other headers it fits a batch of the relay
(solidary.platform.messaging.kafka), and that is half of what a broker takes as it comes (message.max.bytes)."""


class DecodeError(ValueError):
    """The record is not an event of ours, or its body breaks its type's schema. Never quotes the body."""


class UnknownType(DecodeError):
    """A type that this reader does not know: a newer writer's. The reader passes over it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event on its way, with what the bus needs to know of it."""

    id: UUID
    type: str
    source: str
    subject: str
    time: datetime
    agency: UUID
    parties: tuple[UUID, ...]
    sequence: int
    traceparent: str | None
    event: Event

    @property
    def topic(self) -> str:
        """`/pa/intake` speaks on `pa.intake`."""
        return self.source.strip("/").replace("/", ".")


def headers(
    source: bytes,
    subject: bytes,
    id_: bytes,
    type_: bytes,
    time: bytes,
    agency: bytes,
    sequence: bytes,
    parties: bytes | None,
    traceparent: bytes | None,
) -> list[tuple[str, bytes]]:
    """An event's Kafka headers. What is bytes already stays so: the relay makes tens of thousands a second."""
    said = [
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
    if parties:
        said.append(("ce_parties", parties))
    if traceparent:
        said += [("ce_traceparent", traceparent), ("traceparent", traceparent)]
    return said


def encode(envelope: Envelope) -> tuple[bytes, list[tuple[str, bytes]], bytes]:
    """The Kafka key, headers and value of an event that did not come out of an outbox."""
    key = envelope.subject.encode()
    said = headers(
        envelope.source.encode(),
        key,
        str(envelope.id).encode(),
        envelope.type.encode(),
        envelope.time.isoformat().encode(),
        str(envelope.agency).encode(),
        str(envelope.sequence).encode(),
        ",".join(map(str, envelope.parties)).encode(),
        (envelope.traceparent or "").encode(),
    )
    return key, said, envelope.event.model_dump_json().encode()


def decode(headers: Headers, value: bytes) -> Envelope:
    """Reads a record; old versions come out as the newest one that their `upcast` leads to.

    Raises UnknownType for a type that is not in the catalogue, DecodeError for anything that is not a
    CloudEvent of ours.
    """
    said = dict(headers)
    try:
        type_ = said["ce_type"].decode()
        kind = catalogue.get(type_)
        if said["ce_specversion"] != b"1.0":
            raise DecodeError("not CloudEvents 1.0")
        if kind is None:
            raise UnknownType(type_)
        parties = said.get("ce_parties", b"").decode()
        trace = said.get("ce_traceparent") or said.get("traceparent")
        return Envelope(
            id=UUID(said["ce_id"].decode()),
            type=type_,
            source=said["ce_source"].decode(),
            subject=said["ce_subject"].decode(),
            time=datetime.fromisoformat(said["ce_time"].decode()),
            agency=UUID(said["ce_agency"].decode()),
            parties=tuple(UUID(party) for party in parties.split(",") if party),
            sequence=int(said["ce_sequence"]),
            traceparent=trace.decode() if trace else None,
            event=newest(kind.model_validate_json(value, extra="ignore")),
        )
    except KeyError as missing:
        raise DecodeError(f"no header {missing}") from None
    except ValidationError as error:
        places = ", ".join("/".join(map(str, fault["loc"])) for fault in error.errors(include_input=False))
        raise DecodeError(f"{type_}: the body breaks its schema at {places}") from None
    except DecodeError:
        raise
    except ValueError as error:
        raise DecodeError(f"a header cannot be read: {type(error).__name__}") from None


def newest(event: Event) -> Event:
    """Follows `upcast` from an old version to the newest."""
    while (upcast := type(event).upcast) is not None:
        event = upcast(event.model_dump())
    return event
