"""Events of other services on the timelines, over the real Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from intake.service import service
from solidary.language.events import Envelope
from solidary.language.events.cash import PaymentDelivered, PaymentFailed
from solidary.language.events.planning import TiuDefined
from solidary.language.events.referrals import ReferralAccepted, ReferralRejected, ReferralRequested
from solidary.platform.database import Database
from solidary.platform.identity import Principal
from solidary.platform.messaging.consumer import Consumer
from solidary.platform.messaging.relay import Relay
from solidary_testing import eventually
from solidary_testing.servers import kafka_as_admin, throwaway_database, throwaway_topics
from sqlalchemy import event as sqlalchemy_event
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
def consuming(run, test_database, country):
    """The function that runs intake's subscribers of these names, with the settings of a real country's pack."""

    @asynccontextmanager
    async def consuming(*names):
        database = Database(test_database.roles["app"], service="intake", country="pa")
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for name in names:
                subscriber = service.subscriber(name)
                topics = [f"{country}.{stream}" for stream in subscriber.streams]
                consumer = Consumer(
                    subscriber, database, kafka_as_admin(run), principal=service.principal, topics=topics
                )
                # The group of the platform, which another test may have running on this Kafka, would hold this one up.
                consumer.group = f"{country}.intake.{name}"
                tasks.create_task(consumer.run(stop))
            yield
            stop.set()
        await database.close()

    return consuming


@pytest.fixture
def uses(api, consent, tokens):
    """The function that uses a consent of a person for a referral and for an enrolment, and returns both ids."""

    async def use(person, **changes):
        chorrera = tokens.agency("chorrera")
        package = (await consent(person, chorrera, **changes))["package_id"]
        references = uuid4(), uuid4()
        for user, reference in zip(("referrals", "cash"), references, strict=True):
            used = await api.post(
                f"/packages/{package}/uses",
                json={"reference": str(reference)},
                headers=tokens.service(user, acting_for=chorrera),
            )
            assert used.status_code == 200, used.text
        return references

    return use


async def test_steps_of_referrals_and_payments_are_added_to_the_timelines(
    api, desk, register, uses, publish, consuming, database
):
    family, others = await register(), await register()
    referral_id, enrolment = await uses(family.child, given_by=str(family.mother), assent=True)
    payment = PaymentDelivered(payment_id=uuid4(), enrolment_id=enrolment)
    await publish(
        ReferralRequested(referral_id=referral_id),
        ReferralAccepted(referral_id=referral_id),
        ReferralRejected(referral_id=uuid4()),
        PaymentDelivered(payment_id=uuid4(), enrolment_id=uuid4()),
        payment,
        TiuDefined(tiu_id=uuid4(), label="Barrio", area="PA110403", cells=["8866e4a5a1fffff"]),
    )

    async def added():
        timelines = [
            {(item["kind"], item["reference"]) for item in (await _timeline(api, desk, person))}
            for person in (family.child, family.mother)
        ]
        paid = ("payment_delivered", str(payment.payment_id))
        steps = {(f"referral_{step}", str(referral_id)) for step in ("requested", "accepted")}
        return timelines[0] >= {*steps, paid} and paid in timelines[1]

    async def defined():
        async with database.session_without_scope() as session:
            return await session.scalar(text("SELECT count(*) FROM published.tiu"))

    async with consuming("reactions", "payment_outcomes"):
        await eventually(added, what="the steps on the timelines")
        assert await eventually(defined, what="the unit of territory") == 1
    assert {item["kind"] for item in await _timeline(api, desk, others.child)} == {
        "person_registered",
        "need_recorded",
    }


async def test_a_backlog_of_payments_does_not_delay_the_step_of_a_referral(
    api, desk, register, uses, publish, consuming
):
    family = await register()
    referral_id, enrolment = await uses(family.mother)
    failures = [PaymentFailed(payment_id=uuid4(), enrolment_id=enrolment, reason="AC04") for _ in range(20)]
    await publish(*failures, ReferralRequested(referral_id=referral_id))

    async def kinds():
        return {item["kind"] for item in await _timeline(api, desk, family.mother)}

    async def shows(kind):
        return kind in await kinds()

    async with consuming("reactions"):
        await eventually(lambda: shows("referral_requested"), what="the step")
    assert "payment_failed" not in await kinds()
    async with consuming("payment_outcomes"):
        await eventually(lambda: shows("payment_failed"), what="the payments")


async def test_payments_of_a_batch_cost_as_many_statements_as_one(register, uses, database, tokens):
    enrolments = [(await uses((await register()).mother))[1] for _ in range(4)]
    payments = [
        Envelope(
            uuid4(),
            kind.type,
            "/pa/cash",
            str(enrolment),
            datetime.now(UTC),
            tokens.agency("chorrera"),
            1,
            None,
            kind(payment_id=uuid4(), enrolment_id=enrolment),
        )
        for enrolment in enrolments
        for kind in (PaymentDelivered, PaymentFailed)
    ]
    subscriber = service.subscriber("payment_outcomes")
    statements = []
    sqlalchemy_event.listen(
        database.engine.sync_engine, "before_cursor_execute", lambda *sent: statements.append(sent[2])
    )
    counts = []
    for batch in (payments[:1], payments[1:] * 50):
        statements.clear()
        async with database.unit_for_service(service.principal) as unit:
            await subscriber.handle(unit, batch)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 9


async def _timeline(api, headers, person):
    return (await api.get(f"/people/{person}/timeline", headers=headers)).json()["items"]
