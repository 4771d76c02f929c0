"""Access to topics and groups on the real broker, with the client that services use."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError, TopicAuthorizationFailedError
from confluent_kafka.admin import ConfigResource
from stack import Run, Stack
from stack.provision.kafka import PARTITIONS, change_settings, provision_kafka, retention
from stack.services import Service, all_topics, read_topics, services_with_events, written_topics


def credentials(run: Run, service: Service) -> dict[str, str]:
    account = run.kafka.accounts[service]
    return {
        "bootstrap_servers": run.kafka.bootstrap,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": account.username,
        "sasl_plain_password": account.password,
    }


async def write(run: Run, service: Service, to: str, value: bytes) -> None:
    async with AIOKafkaProducer(**credentials(run, service), enable_idempotence=True) as producer:
        await producer.send_and_wait(to, value, key=b"k")


@asynccontextmanager
async def consuming(consumer: AIOKafkaConsumer) -> AsyncIterator[AIOKafkaConsumer]:
    """Start a consumer and stop it, also where it was not allowed to start."""
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def read(run: Run, service: Service, of: str, until: bytes) -> bool:
    """Return true once the service has read the message `until` in a topic."""
    async with consuming(
        AIOKafkaConsumer(of, **credentials(run, service), auto_offset_reset="earliest")
    ) as consumer:
        async for message in consumer:
            if message.value == until:
                return True
    return False


@pytest.mark.parametrize("publisher", services_with_events())
async def test_topic_is_written_by_its_owner_and_read_by_subscribers_only(
    own_run: Run, publisher: Service
) -> None:
    for topic in written_topics("PA", publisher):
        message = uuid.uuid4().bytes
        await write(own_run, publisher, topic, message)
        for service in services_with_events():
            if service != publisher:
                with pytest.raises(TopicAuthorizationFailedError):
                    await write(own_run, service, topic, b"forged")
            if topic in read_topics("PA", service):
                assert await read(own_run, service, topic, message)
            else:
                with pytest.raises(TopicAuthorizationFailedError):
                    await read(own_run, service, topic, message)


async def test_service_consumes_in_groups_of_its_own_name_only(own_run: Run) -> None:
    sent = uuid.uuid4().bytes
    await write(own_run, "intake", "pa.intake.cases", sent)
    consumer = AIOKafkaConsumer(
        "pa.intake.cases",
        **credentials(own_run, "cash"),
        group_id="pa.cash.people",
        auto_offset_reset="earliest",
    )
    async with consuming(consumer):
        async for message in consumer:
            if message.value == sent:
                await consumer.commit({TopicPartition(message.topic, message.partition): message.offset + 1})
                break
    foreign = AIOKafkaConsumer(
        "pa.intake.cases", **credentials(own_run, "cash"), group_id="pa.planning.reactions"
    )
    with pytest.raises(GroupAuthorizationFailedError):
        async with consuming(foreign):
            await foreign.getone()


async def test_wrong_password_is_refused(own_run: Run) -> None:
    producer = AIOKafkaProducer(**credentials(own_run, "intake") | {"sasl_plain_password": "guess"})
    with pytest.raises(KafkaConnectionError):
        await producer.start()
    await producer.stop()


def test_topics_have_their_partitions_and_are_not_created_by_a_typing_error(stack: Stack, run: Run) -> None:
    topics = stack.kafka.admin().list_topics(timeout=10).topics
    assert {
        name: len(entry.partitions) for name, entry in topics.items() if name.startswith("pa.")
    } == dict.fromkeys(all_topics("PA"), PARTITIONS)
    stack.kafka.admin().list_topics("pa.intaek", timeout=10)
    assert "pa.intaek" not in stack.kafka.admin().list_topics(timeout=10).topics


def test_second_provisioning_changes_nothing(stack: Stack, run: Run) -> None:
    passwords = {service: account.password for service, account in run.kafka.accounts.items()}
    assert provision_kafka(stack.kafka.admin(), "PA", passwords) == 0


def test_events_are_deleted_when_the_time_of_the_country_is_over(stack: Stack, run: Run) -> None:
    admin, topic = stack.kafka.admin(), ConfigResource(ConfigResource.Type.TOPIC, "pa.intake.cases")
    passwords = {service: account.password for service, account in run.kafka.accounts.items()}
    assert int(retention("PA")["retention.ms"]) <= 730 * 24 * 3600 * 1000
    change_settings(admin, [topic.name], {"retention.ms": "-1"})
    assert provision_kafka(admin, "PA", passwords) == 1
    (settings,) = (found.result(10) for found in admin.describe_configs([topic]).values())
    assert {name: settings[name].value for name in retention("PA")} == retention("PA")
