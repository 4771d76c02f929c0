"""One trace over the real outbox, relay, Kafka and consumers."""

from __future__ import annotations

import asyncio

from sample_service import PROJECTION, REACTIONS, create_sample
from solidary.platform.messaging.consumer import Consumer
from solidary.platform.messaging.relay import Relay
from solidary.platform.telemetry import span
from solidary_testing import eventually
from solidary_testing.servers import kafka_as_admin
from solidary_testing.spans import Recorded, has_link, is_child


async def test_trace_continues_from_the_request_to_the_reaction(
    run, sample_database, database, country, service, member, recorded: Recorded
):
    ours = member()
    kafka = kafka_as_admin(run)
    topic, relay_name = f"{country}.market.counts", f"{country}.market"
    with span("POST /samples"):
        async with database.unit(ours) as unit:
            await create_sample(unit, "Yolanda Canario 8-123-4567")
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            Relay(sample_database.roles["relay"], kafka, country=country, service="market").run(stop)
        )
        for subscriber in (REACTIONS, PROJECTION):
            consumer = Consumer(subscriber, database, kafka, principal=service, topics=[topic])
            tasks.create_task(consumer.run(stop))
        by_role = await eventually(lambda: _all_spans(recorded, relay_name), what="the whole trace")
        stop.set()
    request, sent = by_role["POST /samples"], by_role[f"send {relay_name}"]
    assert has_link(sent, request)
    assert sent.parent is None
    assert is_child(by_role["reactions"], request)
    assert has_link(by_role["count"], request)
    for span_ in (request, by_role["reactions"]):
        assert (span_.attributes or {})["solidary.agency"] == str(ours.agency)
    assert not any("Yolanda" in span_.to_json() for span_ in recorded())


async def _all_spans(recorded: Recorded, relay_name: str):
    """Return the spans by their names, those of consumers by the subscriber's name; None while some are missing."""
    found = {
        str((span_.attributes or {}).get("messaging.consumer.group.name", span_.name)): span_
        for span_ in recorded()
    }
    return found if {"reactions", "count", f"send {relay_name}"} <= found.keys() else None
