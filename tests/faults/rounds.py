"""A fault round: a stream of events, in which every process and server is killed once."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import psycopg
from solidary.platform.identity import Duty
from solidary_testing import eventually
from solidary_testing.servers import TestDatabase, throwaway_database, throwaway_pack, throwaway_topics
from solidary_testing.tokens import Tokens
from stack import Stack
from stack.ports import find_free_port

EVENTS = 5_000
AGGREGATES = 250
PER_BATCH = 20
CLIENTS = 4
DRAIN_SECONDS = 180.0
ROOT = Path(__file__).parents[2]
REVISIONS = Path(__file__).parent / "revisions"
PARTS = {
    "relay": ("worker", "--only", "relay"),
    "second relay": ("worker", "--only", "relay"),
    "consumer": ("worker", "--only", "consumers"),
    "api": ("api",),
}


@dataclass(frozen=True)
class RoundResult:
    """The result of a round. All numbers but `events` must be 0."""

    events: int
    lost: int
    duplicated: int
    out_of_order: int
    commands_repeated: int
    parked: int

    @property
    def is_faultless(self) -> bool:
        """The round found no fault."""
        return not (
            self.lost or self.duplicated or self.out_of_order or self.commands_repeated or self.parked
        )


@dataclass
class ServiceProcesses:
    """The processes of the service, each of which can be killed and started again."""

    environments: dict[str, dict[str, str]]
    """The settings of each part."""
    port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, part: str) -> None:
        """Start the process of a part."""
        command = [sys.executable, "-m", "tests.faults.part", *PARTS[part]]
        if part == "api":
            command += ["--port", str(self.port)]
        self.running[part] = subprocess.Popen(command, env=self.environments[part], cwd=ROOT)

    def kill(self, part: str) -> None:
        """Kill the process of a part with SIGKILL."""
        self.running[part].send_signal(signal.SIGKILL)
        self.running[part].wait()

    def end(self) -> None:
        """End all processes."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def run_round(stack: Stack, tokens: Tokens, seed: int) -> RoundResult:
    """Run one round. The seed determines the order in which processes and servers are killed."""
    with prepared(stack) as (database, processes):
        victims = [*PARTS, "broker", "database"]
        random.Random(seed).shuffle(victims)
        for part in PARTS:
            processes.start(part)
        batches = EVENTS // PER_BATCH
        remaining: asyncio.Queue[int] = asyncio.Queue()
        for number in range(batches):
            remaining.put_nowait(number)
        progress = Progress(batches, victims)
        headers = await eventually(lambda: asyncio.to_thread(front_desk_headers, tokens), what="a token")
        address = f"http://127.0.0.1:{processes.port}"
        async with httpx.AsyncClient(base_url=address, timeout=10) as client, asyncio.TaskGroup() as tasks:
            for _ in range(CLIENTS):
                tasks.create_task(send_batches(client, headers, remaining, progress))
            tasks.create_task(kill_victims(stack, processes, progress, victims))
        await eventually(
            lambda: asyncio.to_thread(drained, database), within=DRAIN_SECONDS, what="the last event's effect"
        )
        return evaluate(database, batches)


def front_desk_headers(tokens: Tokens) -> dict[str, str] | None:
    """Return the headers of a front desk.

    The result is None while Keycloak still has connections to the database server before its restart in the last round.
    """
    try:
        return tokens.of("unhcr", Duty.FRONT_DESK)
    except httpx.HTTPStatusError as error:
        if error.response.status_code == 500:
            return None
        raise


class Progress:
    """The number of accepted batches, which determines when the next victim is killed."""

    def __init__(self, batches: int, victims: list[str]) -> None:
        self.accepted = 0
        self._thresholds = [batches * (turn + 1) // (len(victims) + 1) for turn in range(len(victims))]
        self._changed = asyncio.Condition()

    async def add(self) -> None:
        """Count an accepted batch."""
        async with self._changed:
            self.accepted += 1
            self._changed.notify_all()

    async def wait_for_turn(self, number: int) -> None:
        """Wait until so many batches were accepted that a victim is due."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.accepted >= self._thresholds[number])


async def send_batches(
    client: httpx.AsyncClient, headers: dict[str, str], remaining: asyncio.Queue[int], progress: Progress
) -> None:
    """Send the remaining batches. Each is repeated, with its idempotency key, until it is accepted."""
    while not remaining.empty():
        number = remaining.get_nowait()
        samples = [UUID(int=(number * PER_BATCH + i) % AGGREGATES + 1) for i in range(PER_BATCH)]
        body = {"id": str(uuid4()), "samples": [str(sample) for sample in samples]}
        key = {"Idempotency-Key": body["id"]}
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                answer = await client.post("/batches", json=body, headers=headers | key)
                if answer.is_success:
                    break
                if answer.status_code < 500:
                    raise AssertionError(answer.text)
            await asyncio.sleep(0.1)  # the API is restarting
        else:
            raise AssertionError(f"Batch {number} was not accepted within {DRAIN_SECONDS:g} seconds.")
        await progress.add()


async def kill_victims(
    stack: Stack, processes: ServiceProcesses, progress: Progress, victims: list[str]
) -> None:
    """Kill each victim when it is due, and start it again immediately."""
    for number, victim in enumerate(victims):
        await progress.wait_for_turn(number)
        if victim in PARTS:
            await asyncio.to_thread(processes.kill, victim)
            processes.start(victim)
        else:
            server = stack.kafka if victim == "broker" else stack.postgres
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)


@contextmanager
def prepared(stack: Stack) -> Iterator[tuple[TestDatabase, ServiceProcesses]]:
    """Make a database, topics and settings for one round."""
    run = stack.run()
    with (
        throwaway_database(run, "market", REVISIONS) as database,
        throwaway_topics(run, "market.counts") as country,
        throwaway_pack(country) as pack,
    ):
        own = {
            "PATH": os.environ["PATH"],
            **pack,
            "SOLIDARY_KAFKA_USER": run.kafka.admin.username,
            "SOLIDARY_KAFKA_PASSWORD": run.kafka.admin.password,
            "SOLIDARY_NOTICE_KEYS": run.kafka.notice_keys,
            "SOLIDARY_RATE_LIMIT": "100000/minute",
            **{f"SOLIDARY_DATABASE_{role.upper()}": database.roles[role] for role in ("app", "relay")},
        }
        environments = {
            part: run.environment("market", "api" if part == "api" else "worker") | own for part in PARTS
        }
        for environment in environments.values():
            environment.pop("SOLIDARY_TELEMETRY_DIR")
        processes = ServiceProcesses(environments, find_free_port(set()))
        try:
            yield database, processes
        finally:
            processes.end()


def drained(database: TestDatabase) -> bool:
    """Return whether the outbox is empty and every committed event has had its effect."""
    with suppress(psycopg.OperationalError), psycopg.connect(database.admin) as connection:
        in_outbox, committed, effects = _one_row(
            connection,
            """SELECT (SELECT count(*) FROM machinery.outbox), (SELECT sum(sequence) FROM machinery.aggregate_sequence),
            (SELECT count(DISTINCT event_id) FROM data.effect)""",
        )
        return bool(in_outbox == 0 and committed == effects)
    return False


def evaluate(database: TestDatabase, batches: int) -> RoundResult:
    """Compare the accepted batches, the committed events and their effects."""
    with psycopg.connect(database.admin) as connection:
        committed, accepted, effects, distinct, out_of_order, parked = _one_row(
            connection,
            """
            SELECT (SELECT sum(sequence) FROM machinery.aggregate_sequence), (SELECT count(*) FROM data.batch),
                (SELECT count(*) FROM data.effect), (SELECT count(DISTINCT event_id) FROM data.effect),
                (SELECT count(*) FROM (SELECT sequence,
                    lag(sequence, 1, 0::bigint) OVER (PARTITION BY root ORDER BY seen) AS before FROM data.effect
                ) AS steps WHERE sequence <> before + 1),
                (SELECT count(*) FROM machinery.parked_key)
            """,
        )
    return RoundResult(
        events=int(committed),
        lost=int(committed) - distinct,
        duplicated=effects - distinct,
        out_of_order=out_of_order,
        commands_repeated=int(committed) - batches * PER_BATCH + (accepted - batches) * PER_BATCH,
        parked=parked,
    )


def _one_row(connection: psycopg.Connection[tuple[int, ...]], query: str) -> tuple[int, ...]:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row
