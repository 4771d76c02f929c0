"""Kafka's topics in a backup: the events of each, with the offsets up to which the services had handled them.

Offsets are read before the databases' moment and the ends of the topics at it. So no offset is ahead of what a restored
database has handled, and each event is in a topic or still in its publisher's outbox.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, NewTopic
from stack.provision.kafka import PARTITIONS, create_topics, retention
from stack.servers.kafka import client_settings, connect
from stack.services import all_topics

from operations.backup.errors import BackupError, NotEmpty
from operations.backup.manifest import PartitionFacts

TIMEOUT_SECONDS = 60.0
Groups = dict[str, dict[str, dict[int, int]]]
Ends = dict[str, dict[int, tuple[int, int]]]


class Topics:
    """The topics of an instance's country, read and written as the broker's administrator."""

    def __init__(self, bootstrap: str, password: str, country: str):
        self._settings = client_settings(bootstrap, password)
        self.admin: AdminClient = connect(bootstrap, password)
        self._country = country.lower()

    def committed(self) -> Groups:
        """Return the committed offset of each consumer group, by topic and partition."""
        listed = self.admin.list_consumer_groups(request_timeout=TIMEOUT_SECONDS).result()
        names = [group.group_id for group in listed.valid if group.group_id.startswith(f"{self._country}.")]
        found: Groups = {}
        for name in names:
            request = [ConsumerGroupTopicPartitions(name)]
            answer = self.admin.list_consumer_group_offsets(request)[name].result(TIMEOUT_SECONDS)
            for place in answer.topic_partitions or ():
                if place.offset >= 0:
                    found.setdefault(name, {}).setdefault(place.topic, {})[place.partition] = place.offset
        return found

    def ends(self) -> Ends:
        """Return the first offset of each partition, and the offset after the last."""
        consumer = self._consumer()
        try:
            return {
                topic: {
                    number: consumer.get_watermark_offsets(
                        TopicPartition(topic, number), timeout=TIMEOUT_SECONDS
                    )
                    for number in self._partitions(topic)
                }
                for topic in sorted(set(all_topics(self._country)) & self.existing())
            }
        finally:
            consumer.close()

    def existing(self) -> set[str]:
        """Return the topics of the country that the broker has."""
        names = self.admin.list_topics(timeout=TIMEOUT_SECONDS).topics
        return {name for name in names if name.startswith(f"{self._country}.")}

    def read(
        self, topic: str, ends: Mapping[int, tuple[int, int]], facts: dict[int, PartitionFacts]
    ) -> Iterator[bytes]:
        """Yield a topic's events up to the ends, compressed, and put what was read of each partition into `facts`."""
        compressor = zlib.compressobj(wbits=31)
        events = dict.fromkeys(ends, 0)
        for partition, record in self._records(topic, ends):
            events[partition] += 1
            yield compressor.compress(json.dumps(record).encode() + b"\n")
        yield compressor.flush()
        for partition, (first, end) in ends.items():
            facts[partition] = PartitionFacts(first=first, end=end, events=events[partition])

    def require_empty(self) -> None:
        """Raise NotEmpty where a topic of the country exists."""
        if existing := self.existing():
            raise NotEmpty("Kafka", f"the topic {min(existing)}")

    def create(self, topics: Mapping[str, Mapping[int, PartitionFacts]]) -> None:
        """Create the topics of a backup with as many partitions as they had."""
        config = {"cleanup.policy": "delete", **retention(self._country)}
        create_topics(
            self.admin,
            [
                NewTopic(name, len(partitions) or PARTITIONS, 1, config=config)
                for name, partitions in topics.items()
            ],
        )

    def write(self, topic: str, lines: Iterable[bytes]) -> dict[int, list[int]]:
        """Write a topic's events; return the offsets that they had, by partition, in the order of the new ones."""
        producer = Producer({**self._settings, "enable.idempotence": True, "linger.ms": 20})
        failures: list[Any] = []

        def delivered(error: object, _: object) -> None:
            if error is not None:
                failures.append(error)

        before: dict[int, list[int]] = {}
        for line in lines:
            event = json.loads(line)
            before.setdefault(event["partition"], []).append(event["offset"])
            while True:
                try:
                    producer.produce(
                        topic,
                        partition=event["partition"],
                        key=_decoded(event["key"]),
                        value=_decoded(event["value"]),
                        headers=[(name, _decoded(value)) for name, value in event["headers"]],
                        timestamp=event["timestamp"],
                        on_delivery=delivered,
                    )
                    break
                except BufferError:
                    producer.poll(1)
            producer.poll(0)
        left = producer.flush(TIMEOUT_SECONDS)
        if failures or left:
            raise BackupError(f"Kafka did not take all events of the topic {topic}. See Kafka's log.")
        return before

    def commit(self, groups: Groups, before: Mapping[str, Mapping[int, list[int]]]) -> None:
        """Commit each group's offsets as they are in the written topics."""
        for group, topics in groups.items():
            places = [
                TopicPartition(topic, partition, new_offset(before.get(topic, {}).get(partition, []), offset))
                for topic, partitions in topics.items()
                if topic in before
                for partition, offset in partitions.items()
            ]
            if places:
                request = [ConsumerGroupTopicPartitions(group, places)]
                self.admin.alter_consumer_group_offsets(request)[group].result(TIMEOUT_SECONDS)

    def _partitions(self, topic: str) -> list[int]:
        return sorted(self.admin.list_topics(topic, timeout=TIMEOUT_SECONDS).topics[topic].partitions)

    def _consumer(self) -> Consumer:
        return Consumer(
            {
                **self._settings,
                "group.id": f"{self._country}.backup",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "enable.partition.eof": True,
            }
        )

    def _records(
        self, topic: str, ends: Mapping[int, tuple[int, int]]
    ) -> Iterator[tuple[int, dict[str, object]]]:
        wanted = {number: end for number, (first, end) in ends.items() if end > first}
        consumer = self._consumer()
        try:
            consumer.assign([TopicPartition(topic, number, ends[number][0]) for number in wanted])
            while wanted:
                message = consumer.poll(TIMEOUT_SECONDS)
                if message is None:
                    raise BackupError(
                        f"Kafka did not deliver the rest of the topic {topic}. See Kafka's log."
                    )
                partition, offset = message.partition() or 0, message.offset() or 0
                error = message.error()
                if error is not None and error.code() != KafkaError._PARTITION_EOF:
                    raise BackupError(f"Kafka refused to deliver {topic}: {error.str()}")
                if error is None and offset < wanted.get(partition, 0):
                    yield (
                        partition,
                        {
                            "partition": partition,
                            "offset": offset,
                            "timestamp": message.timestamp()[1],
                            "key": _encoded(message.key()),
                            "value": _encoded(message.value()),
                            "headers": [
                                (str(name), _encoded(value)) for name, value in list(message.headers() or ())
                            ],
                        },
                    )
                if error is not None or offset + 1 >= wanted.get(partition, 0):
                    wanted.pop(partition, None)
        except KafkaException as error:
            raise BackupError(f"Kafka refused to deliver {topic}: {error}") from error
        finally:
            consumer.close()


def new_offset(before: list[int], committed: int) -> int:
    """Return a committed offset in a written partition: the number of its events that were handled."""
    return sum(offset < committed for offset in before)


def _encoded(value: object) -> str | None:
    if value is None:
        return None
    return base64.b64encode(value.encode() if isinstance(value, str) else bytes(value)).decode()  # type: ignore[call-overload]


def _decoded(value: str | None) -> bytes | None:
    return None if value is None else base64.b64decode(value)
