"""One story over the real outbox, relay, Kafka and consumer: each is_child of its trace."""

from __future__ import annotations

import asyncio

from solidary.platform.messaging.consumer import Consumer
from solidary.platform.messaging.relay import Relay
from solidary.platform.telemetry import span
from solidary_testing import eventually
from solidary_testing.servers import kafka_as_admin
from solidary_testing.spans import Recorded, has_link, is_child
from toy import PROJECTION, REACTIONS, write_letter


async def test_a_story_goes_on_from_the_request_to_the_reaction(
    run, place, database, country, service, member, recorded: Recorded
):
    ours = member()
    kafka = kafka_as_admin(run)
    topic = f"{country}.market"
    with span("POST /letters"):
        async with database.unit(ours) as unit:
            await write_letter(unit, "Yolanda Canario 8-123-4567")
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            Relay(place.roles["relay"], kafka, topic=topic, source=f"/{country}/market").run(stop)
        )
        for subscriber in (REACTIONS, PROJECTION):
            hearer = Consumer(subscriber, database, kafka, principal=service, topics=[topic])
            tasks.create_task(hearer.run(stop))
        by_role = await eventually(lambda: _all_told(recorded, topic), what="the whole story")
        stop.set()
    request, sent = by_role["POST /letters"], by_role[f"send {topic}"]
    assert has_link(sent, request)
    assert sent.parent is None
    assert is_child(by_role["reactions"], request)
    assert has_link(by_role["count"], request)
    for told in (request, by_role["reactions"]):
        assert (told.attributes or {})["solidary.agency"] == str(ours.agency)
    assert not any("Yolanda" in told.to_json() for told in recorded())


async def _all_told(recorded: Recorded, topic: str):
    """The spans by name; what readers did by the reader's name."""
    found = {
        str((told.attributes or {}).get("messaging.consumer.group.name", told.name)): told
        for told in recorded()
    }
    return found if {"reactions", "count", f"send {topic}"} <= found.keys() else None
