"""Events of other services on the timelines, over the real Kafka."""

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

STREAMS = ("referrals.cases", "cash.money", "planning.plans")


@pytest.fixture(scope="module")
def country(run) -> Iterator[str]:
    with throwaway_topics(run, *STREAMS) as code:
        yield code


@pytest.fixture
async def publish(run, country, tokens):
    """The function that publishes events as other services do: through an outbox and a relay to Kafka."""

    @asynccontextmanager
    async def publisher(name):
        with throwaway_database(run, name, None) as test_database:
            database = Database(test_database.roles["app"], service=name, country=country)
            relay = Relay(
                test_database.roles["relay"],
                kafka_as_admin(run),
                country=country,
                service=name,
            )
            stop = asyncio.Event()
            sending = asyncio.create_task(relay.run(stop))
            yield database
            stop.set()
            await sending
            await database.close()

    async with (
        publisher("referrals") as referrals,
        publisher("cash") as cash,
        publisher("planning") as planning,
    ):
        databases = {"referrals": referrals, "cash": cash, "planning": planning}
        principal = Principal(uuid4(), tokens.agency("iom"), "iom", frozenset())

        async def publish_events(*events):
            for event in events:
                async with databases[event.service].unit(principal) as unit:
                    unit.publish(event)

        yield publish_events


@pytest.fixture
async def consumer(run, test_database, country):
    """Consume with the settings of a real country, whose pack the reactions read."""
    (reactions,) = service.subscribers
    database = Database(test_database.roles["app"], service="intake", country="pa")
    running_consumer = Consumer(
        reactions,
        database,
        kafka_as_admin(run),
        principal=service.principal,
        topics=[f"{country}.{name}" for name in STREAMS],
    )
    # The group of the platform, which another test may have running on this Kafka, would hold up this consumer.
    running_consumer.group = f"{country}.intake.reactions"
    stop = asyncio.Event()
    consuming = asyncio.create_task(running_consumer.run(stop))
    yield
    stop.set()
    await consuming
    await database.close()


async def test_steps_of_referrals_and_payments_are_added_to_the_timelines(
    api, desk, register, consent, publish, consumer, tokens, database
):
    family, others = await register(), await register()
    chorrera = tokens.agency("chorrera")
    package = (await consent(family.child, chorrera, given_by=str(family.mother), assent=True))["package_id"]
    referral, enrolment = {"referral_id": uuid4()}, uuid4()
    for user, reference in (("referrals", referral["referral_id"]), ("cash", enrolment)):
        used = await api.post(
            f"/packages/{package}/uses",
            json={"reference": str(reference)},
            headers=tokens.service(user, acting_for=chorrera),
        )
        assert used.status_code == 200, used.text
    payment = PaymentDelivered(payment_id=uuid4(), enrolment_id=enrolment)
    await publish(
        ReferralRequested(**referral),
        ReferralAccepted(**referral),
        ReferralRejected(referral_id=uuid4()),
        payment,
        TiuDefined(tiu_id=uuid4(), label="Barrio", area="PA110403", cells=["8866e4a5a1fffff"]),
    )

    async def added():
        timelines = [
            {(item["kind"], item["reference"]) for item in (await _timeline(api, desk, person))}
            for person in (family.child, family.mother)
        ]
        paid = ("payment_delivered", str(payment.payment_id))
        steps = {(f"referral_{step}", str(referral["referral_id"])) for step in ("requested", "accepted")}
        return timelines[0] >= {*steps, paid} and paid in timelines[1]

    await eventually(added, what="the steps on the timelines")

    async def defined():
        async with database.session_without_scope() as session:
            return await session.scalar(text("SELECT count(*) FROM published.tiu"))

    assert await eventually(defined, what="the unit of territory") == 1
    assert {item["kind"] for item in await _timeline(api, desk, others.child)} == {
        "person_registered",
        "need_recorded",
    }


async def _timeline(api, headers, person):
    return (await api.get(f"/people/{person}/timeline", headers=headers)).json()["items"]
