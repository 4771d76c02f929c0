"""One round: a stream of events, and every part killed once while it runs."""

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
from solidary_testing.servers import TestDatabase, throwaway_database, throwaway_topics
from solidary_testing.tokens import Tokens
from stack import Stack
from stack.ports import find_free_port

EVENTS = 5_000
LETTERS = 250
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
class Outcome:
    """What a round left: all but `events` must be 0."""

    events: int
    lost: int
    doubled: int
    disordered: int
    commands_doubled: int
    parked: int

    @property
    def faultless(self) -> bool:
        return not (self.lost or self.doubled or self.disordered or self.commands_doubled or self.parked)


@dataclass
class Parts:
    """The service's processes, each of which may be killed and started again."""

    environment: dict[str, str]
    port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, part: str) -> None:
        command = [sys.executable, "-m", "tests.faults.part", *PARTS[part]]
        if part == "api":
            command += ["--port", str(self.port)]
        self.running[part] = subprocess.Popen(command, env=self.environment, cwd=ROOT)

    def kill(self, part: str) -> None:
        self.running[part].send_signal(signal.SIGKILL)
        self.running[part].wait()

    def end(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def play_round(stack: Stack, tokens: Tokens, seed: int) -> Outcome:
    """Plays one round; the order of the kills follows from the seed."""
    with prepared(stack) as (database, parts):
        victims = [*PARTS, "broker", "database"]
        random.Random(seed).shuffle(victims)
        for part in PARTS:
            parts.start(part)
        batches = EVENTS // PER_BATCH
        waiting: asyncio.Queue[int] = asyncio.Queue()
        for number in range(batches):
            waiting.put_nowait(number)
        done = Counter(batches, victims)
        headers = await eventually(lambda: asyncio.to_thread(desk, tokens), what="a token")
        address = f"http://127.0.0.1:{parts.port}"
        async with httpx.AsyncClient(base_url=address, timeout=10) as client, asyncio.TaskGroup() as tasks:
            for _ in range(CLIENTS):
                tasks.create_task(send(client, headers, waiting, done))
            tasks.create_task(strike(stack, parts, done, victims))
        await eventually(
            lambda: asyncio.to_thread(drained, database), within=DRAIN_SECONDS, what="the last event's effect"
        )
        return judge(database, batches)


def desk(tokens: Tokens) -> dict[str, str] | None:
    """The headers of a front desk; None while Keycloak still holds connections to the database of the last round."""
    try:
        return tokens.of("unhcr", Duty.FRONT_DESK)
    except httpx.HTTPStatusError as error:
        if error.response.status_code == 500:
            return None
        raise


class Counter:
    """How many batches were accepted; wakes the striker at each victim's turn."""

    def __init__(self, batches: int, victims: list[str]) -> None:
        self.accepted = 0
        self._turns = [batches * (turn + 1) // (len(victims) + 1) for turn in range(len(victims))]
        self._changed = asyncio.Condition()

    async def add(self) -> None:
        async with self._changed:
            self.accepted += 1
            self._changed.notify_all()

    async def turn(self, number: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self.accepted >= self._turns[number])


async def send(
    client: httpx.AsyncClient, headers: dict[str, str], waiting: asyncio.Queue[int], done: Counter
) -> None:
    """Sends batches until none waits; a batch is sent again, with its key, until it is accepted."""
    while not waiting.empty():
        number = waiting.get_nowait()
        letters = [UUID(int=(number * PER_BATCH + i) % LETTERS + 1) for i in range(PER_BATCH)]
        body = {"id": str(uuid4()), "letters": [str(letter) for letter in letters]}
        key = {"Idempotency-Key": body["id"]}
        patience = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < patience:
            with suppress(httpx.TransportError):
                answer = await client.post("/batches", json=body, headers=headers | key)
                if answer.is_success:
                    break
                if answer.status_code < 500:
                    raise AssertionError(answer.text)
            await asyncio.sleep(0.1)  # the API is being started again
        else:
            raise AssertionError(f"batch {number} was not accepted within {DRAIN_SECONDS:g} s")
        await done.add()


async def strike(stack: Stack, parts: Parts, done: Counter, victims: list[str]) -> None:
    """Kills each victim at its turn, and starts it again at once."""
    for number, victim in enumerate(victims):
        await done.turn(number)
        if victim in PARTS:
            await asyncio.to_thread(parts.kill, victim)
            parts.start(victim)
        else:
            server = stack.kafka if victim == "broker" else stack.postgres
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)


@contextmanager
def prepared(stack: Stack) -> Iterator[tuple[TestDatabase, Parts]]:
    """A database, topics and settings of the round's own."""
    run = stack.run()
    with throwaway_database(run, "market", REVISIONS) as database, throwaway_topics(run, "market") as country:
        settings = run.environment("market") | {
            "SOLIDARY_COUNTRY": country,
            "SOLIDARY_KAFKA_USER": run.kafka.admin.username,
            "SOLIDARY_KAFKA_PASSWORD": run.kafka.admin.password,
            "SOLIDARY_RATE_LIMIT": "100000/minute",
            **{f"SOLIDARY_DATABASE_{role.upper()}": url for role, url in database.roles.items()},
        }
        settings.pop("SOLIDARY_TELEMETRY_DIR")
        parts = Parts({"PATH": os.environ["PATH"], **settings}, find_free_port(set()))
        try:
            yield database, parts
        finally:
            parts.end()


def drained(database: TestDatabase) -> bool:
    """Whether nothing waits any more: no event in the outbox, an effect for each that was committed."""
    with suppress(psycopg.OperationalError), psycopg.connect(database.admin) as connection:
        waiting, committed, effects = _one(
            connection,
            """SELECT (SELECT count(*) FROM machinery.outbox), (SELECT sum(sequence) FROM machinery.stream),
            (SELECT count(DISTINCT event_id) FROM data.effect)""",
        )
        return bool(waiting == 0 and committed == effects)
    return False


def judge(database: TestDatabase, batches: int) -> Outcome:
    """Compares what was accepted, what was committed, and what came of it."""
    with psycopg.connect(database.admin) as connection:
        committed, accepted, effects, distinct, disordered, parked = _one(
            connection,
            """
            SELECT (SELECT sum(sequence) FROM machinery.stream), (SELECT count(*) FROM data.batch),
                (SELECT count(*) FROM data.effect), (SELECT count(DISTINCT event_id) FROM data.effect),
                (SELECT count(*) FROM (SELECT sequence,
                    lag(sequence, 1, 0::bigint) OVER (PARTITION BY root ORDER BY seen) AS before FROM data.effect
                ) AS steps WHERE sequence <> before + 1),
                (SELECT count(*) FROM machinery.parked_key)
            """,
        )
    return Outcome(
        events=int(committed),
        lost=int(committed) - distinct,
        doubled=effects - distinct,
        disordered=disordered,
        commands_doubled=int(committed) - batches * PER_BATCH + (accepted - batches) * PER_BATCH,
        parked=parked,
    )


def _one(connection: psycopg.Connection[tuple[int, ...]], query: str) -> tuple[int, ...]:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row
