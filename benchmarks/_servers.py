"""The real servers for benchmarks, and what every benchmark on them needs: a database, a topic, processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from confluent_kafka import Consumer as Reader
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from solidary_testing.servers import TestDatabase, throwaway_database, throwaway_topics
from stack import Stack
from stack.checkout import state_folder
from stack.run_file import Run

from benchmarks._commands import peak_mib
from benchmarks._letters import AGENCY, EVENT_BYTES, REVISIONS

ROOT = Path(__file__).parents[1]
PARTITIONS = 12
LETTERS = 5_000
"""Aggregates among which a backlog's events are spread, one after the other."""
PATIENCE_SECONDS = 300.0
RELAY = [sys.executable, "-m", "market", "worker", "--only", "relay"]
"""A service's own: a relay does not know what its events say."""

FILL = f"""
INSERT INTO machinery.outbox (id, aggregatetype, aggregateid, type, payload, agency, sequence, time)
SELECT gen_random_uuid(), 'market.letter', key, 'org.solidary.market.letter.posted.v1',
    said || repeat('x', {EVENT_BYTES} - 2 - length(said)) || '"}}', '{AGENCY}', number, now()
FROM (
    SELECT n, key, n / {LETTERS} + 1 AS number,
        format('{{"letter_id":"%%s","number":%%s,"words":"', key, n / {LETTERS} + 1) AS said
    FROM generate_series(%(from)s::bigint, %(to)s::bigint - 1) AS n
    CROSS JOIN LATERAL (SELECT md5((n %% {LETTERS})::text)::uuid::text AS key) AS k
) AS letters ORDER BY n
"""


@dataclass(frozen=True)
class Place:
    """A throw-away database and topic, and how a process of ours reaches them."""

    run: Run
    database: TestDatabase
    country: str
    environment: Mapping[str, str]

    @property
    def topic(self) -> str:
        return f"{self.country}.market"

    @property
    def access(self) -> dict[str, str]:
        """What a peer's process is told: the database as its master, the topic, the broker."""
        return {
            "PATH": self.environment["PATH"],
            "URL": self.database.admin,
            "TOPIC": self.topic,
            "BOOTSTRAP": self.run.kafka.bootstrap,
            "KAFKA_USER": self.run.kafka.admin.username,
            "KAFKA_PASSWORD": self.run.kafka.admin.password,
        }

    def fill(self, start: int, count: int) -> None:
        """Puts the events `start` … into the outbox, in one transaction."""
        with psycopg.connect(self.database.admin) as connection:
            connection.execute(FILL, {"from": start, "to": start + count})
            connection.execute("NOTIFY outbox")


@contextmanager
def servers() -> Iterator[Run]:
    """The servers of the benchmarks; SOLIDARY_KEEP_STACK=1 leaves them up for the next."""
    stack = Stack(state_folder() / "bench")
    try:
        yield stack.up()
    finally:
        if os.environ.get("SOLIDARY_KEEP_STACK") != "1":
            stack.down()


@contextmanager
def place(run: Run) -> Iterator[Place]:
    """A database and a topic that bear the time at which the broker took each event."""
    stamped = {"message.timestamp.type": "LogAppendTime"}
    with (
        throwaway_database(run, "market", REVISIONS) as database,
        throwaway_topics(run, "market", partitions=PARTITIONS, config=stamped) as country,
    ):
        settings = run.environment("market") | {
            "SOLIDARY_COUNTRY": country,
            "SOLIDARY_KAFKA_USER": run.kafka.admin.username,
            "SOLIDARY_KAFKA_PASSWORD": run.kafka.admin.password,
            "SOLIDARY_RATE_LIMIT": "10000000/minute",
            **{f"SOLIDARY_DATABASE_{role.upper()}": url for role, url in database.roles.items()},
        }
        settings.pop("SOLIDARY_TELEMETRY_DIR")
        yield Place(run, database, country, {"PATH": os.environ["PATH"], **settings})


@dataclass
class Processes:
    """Programs that are measured together."""

    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, command: Sequence[str], environment: Mapping[str, str], cwd: Path = ROOT) -> None:
        log = state_folder() / "bench" / "logs" / "contender.log"
        with log.open("ab") as output:
            process = subprocess.Popen(command, env=environment, cwd=cwd, stdout=output, stderr=output)
        self.running.append(process)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    @property
    def cpu_seconds(self) -> float:
        return sum(sum(psutil.Process(process.pid).cpu_times()[:2]) for process in self.running)

    @property
    def peak_mib(self) -> float:
        """The most memory that all of them together have held at once, at worst (VmHWM)."""
        return sum(peak_mib(process.pid) for process in self.running)

    def check(self) -> None:
        """Raises RuntimeError where one has ended."""
        for process in self.running:
            if process.poll() is not None:
                raise RuntimeError(f"{process.args!r} ended with {process.returncode}: see contender.log")

    def _signal(self, number: signal.Signals) -> None:
        for process in self.running:
            process.send_signal(number)


@contextmanager
def processes() -> Iterator[Processes]:
    """Whatever is started within ends with it."""
    started = Processes()
    try:
        yield started
    finally:
        started.resume()
        for process in started.running:
            process.terminate()
        for process in started.running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Topic:
    """What has arrived in a topic."""

    def __init__(self, run: Run, name: str) -> None:
        self._name = name
        self._reader = Reader(
            {
                "bootstrap.servers": run.kafka.bootstrap,
                "security.protocol": "SASL_PLAINTEXT",
                "sasl.mechanism": "SCRAM-SHA-256",
                "sasl.username": run.kafka.admin.username,
                "sasl.password": run.kafka.admin.password,
                "group.id": "benchmarks",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
            }
        )

    def count(self) -> int:
        """Events in it; -1 while the broker has no leader yet for a partition that was only just made."""
        try:
            return sum(
                self._reader.get_watermark_offsets(TopicPartition(self._name, partition), timeout=30)[1]
                for partition in range(PARTITIONS)
            )
        except KafkaException as error:
            if error.args[0].code() == KafkaError.NOT_LEADER_FOR_PARTITION:
                return -1
            raise

    def read(self, count: int) -> list[tuple[float, bytes, bytes]]:
        """The first `count` events, in order within a partition: when the broker took it (s), key, value."""
        self._reader.assign([TopicPartition(self._name, partition, 0) for partition in range(PARTITIONS)])
        found: list[tuple[float, bytes, bytes]] = []
        while len(found) < count:
            for record in self._reader.consume(5_000, timeout=5):
                if record.error():
                    raise RuntimeError(record.error())
                found.append((record.timestamp()[1] / 1000, record.key() or b"", record.value() or b""))
        return found


def wait(fact: Callable[[], bool], within: float = PATIENCE_SECONDS) -> None:
    """Asks until it is so. Raises TimeoutError."""
    end = time.monotonic() + within
    while not fact():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {within:g} s")
        time.sleep(0.02)
