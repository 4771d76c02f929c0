"""What other services tell stands on the person's timeline, over the real Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from intake.service import service
from solidary.language.events.cash import PaymentDelivered
from solidary.language.events.planning import TiuDefined
from solidary.language.events.referrals import ReferralAccepted, ReferralRejected, ReferralRequested
from solidary.platform.database import Database
from solidary.platform.identity import Principal
from solidary.platform.messaging.consumer import Consumer
from solidary.platform.messaging.relay import Relay
from solidary_testing import eventually
from solidary_testing.servers import kafka_as_admin, throwaway_database, throwaway_topics
from sqlalchemy import text

SPEAKERS = ("referrals", "cash", "planning")


@pytest.fixture(scope="module")
def country(run) -> Iterator[str]:
    with throwaway_topics(run, *SPEAKERS) as code:
        yield code


@pytest.fixture
async def tell(run, country, tokens):
    """Publishes an event as another service does: into its outbox, and by its relay to Kafka."""

    @asynccontextmanager
    async def speaking(name):
        with throwaway_database(run, name, None) as place:
            database = Database(place.roles["app"], service=name, country=country)
            relay = Relay(
                place.roles["relay"],
                kafka_as_admin(run),
                topic=f"{country}.{name}",
                source=f"/{country}/{name}",
            )
            stop = asyncio.Event()
            sending = asyncio.create_task(relay.run(stop))
            yield database
            stop.set()
            await sending
            await database.close()

    async with speaking("referrals") as referrals, speaking("cash") as cash, speaking("planning") as planning:
        databases = {"referrals": referrals, "cash": cash, "planning": planning}
        speaker = Principal(uuid4(), tokens.agency("iom"), "iom", frozenset())

        async def one(*events):
            for event in events:
                async with databases[event.service].unit(speaker) as unit:
                    unit.publish(event)

        yield one


@pytest.fixture
async def listening(run, place, country):
    (reactions,) = service.subscribers
    database = Database(place.roles["app"], service="intake", country=country)
    consumer = Consumer(
        reactions,
        database,
        kafka_as_admin(run),
        principal=service.principal,
        topics=[f"{country}.{speaker}" for speaker in SPEAKERS],
    )
    stop = asyncio.Event()
    hearing = asyncio.create_task(consumer.run(stop))
    yield
    stop.set()
    await hearing
    await database.close()


async def test_each_step_of_a_referral_and_each_payment_stands_on_the_timeline(
    api, desk, register, tell, listening, tokens, database
):
    known, others = await register(), await register()
    parties = {"sender": tokens.agency("unhcr"), "receiver": tokens.agency("chorrera")}
    referral = {"referral_id": uuid4(), "person_id": known.child, **parties}
    payment = PaymentDelivered(payment_id=uuid4(), household_id=known.household, programme_id=uuid4())
    await tell(
        ReferralRequested(**referral),
        ReferralAccepted(**referral),
        ReferralRejected(**{**referral, "person_id": uuid4(), "referral_id": uuid4()}, reason="no_capacity"),
        payment,
        TiuDefined(tiu_id=uuid4(), label="Barrio", area="PA110403", cells=["8866e4a5a1fffff"]),
    )

    async def heard():
        timelines = [
            {(item["kind"], item["reference"]) for item in (await _timeline(api, desk, person))}
            for person in (known.child, known.mother)
        ]
        paid = ("payment_delivered", str(payment.payment_id))
        steps = {(f"referral_{step}", str(referral["referral_id"])) for step in ("requested", "accepted")}
        return timelines[0] >= {*steps, paid} and paid in timelines[1]

    await eventually(heard, what="the steps on the timelines")

    async def drawn():
        async with database.session_without_scope() as session:
            return await session.scalar(text("SELECT count(*) FROM published.tiu"))

    assert await eventually(drawn, what="the unit of territory") == 1
    assert {item["kind"] for item in await _timeline(api, desk, others.child)} == {
        "person_registered",
        "need_recorded",
    }


async def _timeline(api, headers, person):
    return (await api.get(f"/people/{person}/timeline", headers=headers)).json()["items"]
