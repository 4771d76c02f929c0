"""Events that the relay sends over Kafka are read by the CloudEvents SDK, and the reverse, for every event type."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka.structs import ConsumerRecord
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_binary_event
from cloudevents.core.v1.event import CloudEvent
from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext
from solidary.language.events import Event, decode
from solidary.language.events.catalogue import published_types
from solidary.language.events.event import Audience, stream
from solidary.platform.database import Database
from solidary.platform.identity import Principal
from solidary.platform.messaging.relay import Relay
from solidary_testing.servers import kafka_as_admin, throwaway_database, throwaway_topics
from stack.run_file import Run

EVENT_TYPES = [kind for kind in published_types() if kind.audience is not Audience.PARTIES]
STREAMS = sorted({stream(kind) for kind in EVENT_TYPES})
SPAN = SpanContext(0xA, 0xB, is_remote=True)
TRACEPARENT = f"00-{0xA:032x}-{0xB:016x}-00"
PARTIES = (uuid4(), uuid4())


@dataclass(frozen=True)
class Sent:
    """The events that a unit of work published, and their records in Kafka, by type."""

    country: str
    agency: UUID
    at: datetime
    events: Mapping[str, Event]
    records: Mapping[str, ConsumerRecord[bytes, bytes]]


def example(kind: type[Event]) -> Event:
    """Return the first event of a type that hypothesis generates."""
    first = settings(phases=[Phase.generate], derandomize=True, database=None)
    found: Event = find(st.builds(kind), lambda _: True, settings=first)
    return found


@pytest.fixture(scope="module")
async def sent(run: Run) -> AsyncIterator[Sent]:
    agency, events = uuid4(), {kind.type: example(kind) for kind in EVENT_TYPES}
    with throwaway_database(run, "market", None) as place, throwaway_topics(run, *STREAMS) as country:
        database = Database(place.roles["app"], service="market", country=country)
        with trace.use_span(NonRecordingSpan(SPAN)):
            async with database.unit(Principal(uuid4(), agency, "unhcr", frozenset())) as unit:
                for event in events.values():
                    unit.publish(event, parties=PARTIES)
        await database.close()
        kafka = kafka_as_admin(run)
        stop = asyncio.Event()
        relay = Relay(place.roles["relay"], kafka, country=country, service="market")
        relaying = asyncio.create_task(relay.run(stop))
        reader = kafka.consumer(*(f"{country}.{name}" for name in STREAMS), group=None, max_records=500)
        await reader.start()
        try:
            records: dict[str, ConsumerRecord[bytes, bytes]] = {}
            async with asyncio.timeout(60):
                while len(records) < len(events):
                    for fetched in (await reader.getmany(timeout_ms=200)).values():
                        records |= {dict(record.headers)["ce_type"].decode(): record for record in fetched}
        finally:
            await reader.stop()
            stop.set()
            await relaying
        yield Sent(country, agency, unit.now, events, records)


@pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.type)
def test_cloudevents_sdk_reads_the_records_of_the_relay(kind: type[Event], sent: Sent):
    event, record = sent.events[kind.type], sent.records[kind.type]
    assert record.key is not None
    read = from_binary_event(KafkaMessage(dict(record.headers), record.key, record.value or b""))
    assert record.key.decode() == event.key
    assert UUID(read.get_id())
    assert read.get_type() == kind.type
    assert read.get_source() == f"/{sent.country}/market"
    assert read.get_subject() == event.key
    assert read.get_time() == sent.at
    assert read.get_datacontenttype() == "application/json"
    assert read.get_extension("agency") == str(sent.agency)
    assert not any(str(party) in str(record.headers) for party in PARTIES)
    assert int(read.get_extension("sequence")) >= 1
    assert read.get_extension("traceparent") == TRACEPARENT == dict(record.headers)["traceparent"].decode()
    assert read.get_data() == event.model_dump(mode="json")


@pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.type)
def test_our_reader_reads_the_records_of_the_relay(kind: type[Event], sent: Sent):
    record = sent.records[kind.type]
    read = decode(record.headers, record.value or b"")
    assert (read.event, read.time, read.agency) == (sent.events[kind.type], sent.at, sent.agency)
    assert (read.traceparent, read.topic) == (TRACEPARENT, f"{sent.country}.{stream(kind)}")


@pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.type)
def test_our_reader_reads_the_records_of_the_cloudevents_sdk(kind: type[Event]):
    event = example(kind)
    attributes: dict[str, Any] = {
        "id": str(uuid4()),
        "type": kind.type,
        "source": f"/pa/{kind.service}",
        "subject": event.key,
        "time": datetime.now(UTC),
        "datacontenttype": "application/json",
        "agency": str(uuid4()),
        "sequence": "7",
        "traceparent": TRACEPARENT,
    }
    message = to_binary_event(CloudEvent(attributes, event.model_dump(mode="json")))
    read = decode(list(message.headers.items()), message.value)
    assert (read.event, str(read.id), read.type, read.source) == (
        event,
        *(attributes[n] for n in ("id", "type", "source")),
    )
    assert (read.subject, read.time, str(read.agency)) == (
        event.key,
        attributes["time"],
        attributes["agency"],
    )
    assert (read.sequence, read.traceparent) == (7, TRACEPARENT)
