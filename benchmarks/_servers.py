"""The real servers for benchmarks, with a database, a topic and processes for each contender."""

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
from solidary_testing.servers import (
    TestDatabase,
    drop_templates,
    throwaway_database,
    throwaway_pack,
    throwaway_topics,
)
from stack import Stack
from stack.checkout import state_folder
from stack.run_file import Run

from benchmarks._commands import peak_mib
from benchmarks._sample_service import AGENCY, EVENT_BYTES, REVISIONS

ROOT = Path(__file__).parents[1]
PARTITIONS = 12
AGGREGATES = 5_000
"""The number of aggregates to which a backlog's events belong in turn."""

WAIT_SECONDS = 300.0
RELAY = [sys.executable, "-m", "market", "worker", "--only", "relay"]
"""The relay of an existing service, for a relay does not depend on the content of events."""

FILL = f"""
INSERT INTO machinery.outbox (id, aggregatetype, aggregateid, type, payload, agency, sequence, time)
SELECT gen_random_uuid(), 'market.counts', key, 'org.solidary.market.sample.recorded.v1',
    start || repeat('x', {EVENT_BYTES} - 2 - length(start)) || '"}}', '{AGENCY}', number, now()
FROM (
    SELECT n, key, n / {AGGREGATES} + 1 AS number,
        format('{{"sample_id":"%%s","number":%%s,"content":"', key, n / {AGGREGATES} + 1) AS start
    FROM generate_series(%(from)s::bigint, %(to)s::bigint - 1) AS n
    CROSS JOIN LATERAL (SELECT md5((n %% {AGGREGATES})::text)::uuid::text AS key) AS k
) AS events ORDER BY n
"""


@dataclass(frozen=True)
class Target:
    """A temporary database and topic, with the settings by which processes reach them."""

    run: Run
    database: TestDatabase
    country: str
    environment: Mapping[str, str]

    @property
    def topic(self) -> str:
        """The name of the topic."""
        return f"{self.country}.market.counts"

    @property
    def access(self) -> dict[str, str]:
        """The environment variables of a peer's process: the database with administrative rights, topic and broker."""
        return {
            "PATH": self.environment["PATH"],
            "URL": self.database.admin,
            "TOPIC": self.topic,
            "BOOTSTRAP": self.run.kafka.bootstrap,
            "KAFKA_USER": self.run.kafka.admin.username,
            "KAFKA_PASSWORD": self.run.kafka.admin.password,
        }

    def fill(self, start: int, count: int) -> None:
        """Write `count` events, numbered from `start`, into the outbox in one transaction."""
        with psycopg.connect(self.database.admin) as connection:
            connection.execute(FILL, {"from": start, "to": start + count})
            connection.execute("NOTIFY outbox")


@contextmanager
def servers() -> Iterator[Run]:
    """Start the servers of the benchmarks. SOLIDARY_KEEP_STACK=1 leaves them running for the next benchmark."""
    stack = Stack(state_folder() / "bench")
    try:
        run = stack.up()
        yield run
        drop_templates(run.postgres.admin)
    finally:
        if os.environ.get("SOLIDARY_KEEP_STACK") != "1":
            stack.down()


@contextmanager
def new_target(run: Run) -> Iterator[Target]:
    """Make a database and a topic whose records have the time at which the broker accepted them."""
    append_time = {"message.timestamp.type": "LogAppendTime"}
    with (
        throwaway_database(run, "market", REVISIONS) as database,
        throwaway_topics(run, "market.counts", partitions=PARTITIONS, config=append_time) as country,
        throwaway_pack(country) as pack,
    ):
        settings = run.environment("market") | {
            **pack,
            "SOLIDARY_KAFKA_USER": run.kafka.admin.username,
            "SOLIDARY_KAFKA_PASSWORD": run.kafka.admin.password,
            "SOLIDARY_RATE_LIMIT": "10000000/minute",
            **{f"SOLIDARY_DATABASE_{role.upper()}": database.roles[role] for role in ("app", "relay")},
        }
        settings.pop("SOLIDARY_TELEMETRY_DIR")
        yield Target(run, database, country, {"PATH": os.environ["PATH"], **settings})


@dataclass
class Processes:
    """Processes that are measured together."""

    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, command: Sequence[str], environment: Mapping[str, str], cwd: Path = ROOT) -> None:
        """Start a process, whose output is appended to contender.log."""
        log = state_folder() / "bench" / "logs" / "contender.log"
        with log.open("ab") as output:
            process = subprocess.Popen(command, env=environment, cwd=cwd, stdout=output, stderr=output)
        self.running.append(process)

    def pause(self) -> None:
        """Stop all processes with SIGSTOP."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Continue all processes."""
        self._signal(signal.SIGCONT)

    @property
    def cpu_seconds(self) -> float:
        """The CPU time of all processes so far."""
        return sum(sum(psutil.Process(process.pid).cpu_times()[:2]) for process in self.running)

    @property
    def peak_mib(self) -> float:
        """The sum of the processes' peak memory (VmHWM), an upper bound of what they used at once."""
        return sum(peak_mib(process.pid) for process in self.running)

    def check(self) -> None:
        """Check that all processes are running. Raises RuntimeError."""
        for process in self.running:
            if process.poll() is not None:
                raise RuntimeError(
                    f"{process.args!r} ended with status {process.returncode}. See contender.log."
                )

    def _signal(self, number: signal.Signals) -> None:
        for process in self.running:
            process.send_signal(number)


@contextmanager
def processes() -> Iterator[Processes]:
    """Make an object with which processes are started, and end them afterwards."""
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
    """A reader of a topic."""

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
        """Return the number of events, or -1 while a new partition has no leader yet."""
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
        """Read `count` events, in order within each partition: the broker's time in seconds, the key and the value."""
        self._reader.assign([TopicPartition(self._name, partition, 0) for partition in range(PARTITIONS)])
        found: list[tuple[float, bytes, bytes]] = []
        while len(found) < count:
            for record in self._reader.consume(5_000, timeout=5):
                if record.error():
                    raise RuntimeError(record.error())
                found.append((record.timestamp()[1] / 1000, record.key() or b"", record.value() or b""))
        return found


def wait_until(condition: Callable[[], bool], within: float = WAIT_SECONDS) -> None:
    """Wait until a condition holds. Raises TimeoutError."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"The condition did not hold within {within:g} seconds.")
        time.sleep(0.02)
