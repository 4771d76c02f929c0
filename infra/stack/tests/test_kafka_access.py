"""Who may write and read what, on the real broker, with the client that services use."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError, TopicAuthorizationFailedError
from stack import Run, Stack
from stack.provision.kafka import PARTITIONS, provision_kafka
from stack.services import HEARS, SERVICES, Service, topic


def login(run: Run, service: Service) -> dict[str, str]:
    account = run.kafka.accounts[service]
    return {
        "bootstrap_servers": run.kafka.bootstrap,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": account.username,
        "sasl_plain_password": account.password,
    }


async def write(run: Run, service: Service, to: str, value: bytes) -> None:
    async with AIOKafkaProducer(**login(run, service), enable_idempotence=True) as producer:
        await producer.send_and_wait(to, value, key=b"k")


@asynccontextmanager
async def consuming(consumer: AIOKafkaConsumer) -> AsyncIterator[AIOKafkaConsumer]:
    """Stops the consumer also where it was not allowed to start."""
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def read(run: Run, service: Service, of: str, until: bytes) -> bool:
    """Whether the service sees the message `until` in that topic."""
    async with consuming(
        AIOKafkaConsumer(of, **login(run, service), auto_offset_reset="earliest")
    ) as consumer:
        async for message in consumer:
            if message.value == until:
                return True
    return False


@pytest.mark.parametrize("speaker", SERVICES)
async def test_only_the_owner_writes_a_topic_and_only_its_listeners_read_it(
    own_run: Run, speaker: Service
) -> None:
    theirs, fact = topic("PA", speaker), uuid.uuid4().bytes
    await write(own_run, speaker, theirs, fact)
    for service in SERVICES:
        if service != speaker:
            with pytest.raises(TopicAuthorizationFailedError):
                await write(own_run, service, theirs, b"forged")
        if service == speaker or speaker in HEARS[service]:
            assert await read(own_run, service, theirs, fact)
        else:
            with pytest.raises(TopicAuthorizationFailedError):
                await read(own_run, service, theirs, fact)


async def test_a_service_consumes_in_groups_of_its_own_name_only(own_run: Run) -> None:
    fact = uuid.uuid4().bytes
    await write(own_run, "intake", "pa.intake", fact)
    ours = AIOKafkaConsumer(
        "pa.intake", **login(own_run, "cash"), group_id="pa.cash.people", auto_offset_reset="earliest"
    )
    async with consuming(ours):
        async for message in ours:
            if message.value == fact:
                await ours.commit({TopicPartition(message.topic, message.partition): message.offset + 1})
                break
    theirs = AIOKafkaConsumer("pa.intake", **login(own_run, "cash"), group_id="pa.planning")
    with pytest.raises(GroupAuthorizationFailedError):
        async with consuming(theirs):
            await theirs.getone()


async def test_a_wrong_password_does_not_get_in(own_run: Run) -> None:
    producer = AIOKafkaProducer(**login(own_run, "intake") | {"sasl_plain_password": "guess"})
    with pytest.raises(KafkaConnectionError):
        await producer.start()
    await producer.stop()


def test_topics_have_their_partitions_and_are_never_made_by_a_typing_error(stack: Stack, run: Run) -> None:
    topics = stack.kafka.admin().list_topics(timeout=10).topics
    assert {name: len(entry.partitions) for name, entry in topics.items() if name.startswith("pa.")} == {
        topic("PA", service): PARTITIONS for service in SERVICES
    }
    stack.kafka.admin().list_topics("pa.intaek", timeout=10)
    assert "pa.intaek" not in stack.kafka.admin().list_topics(timeout=10).topics


def test_a_second_provisioning_makes_nothing(stack: Stack, run: Run) -> None:
    passwords = {service: account.password for service, account in run.kafka.accounts.items()}
    assert provision_kafka(stack.kafka.admin(), "PA", passwords) == 0
