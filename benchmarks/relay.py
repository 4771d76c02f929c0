"""A backlog of 100,000 events of 400 bytes, outbox → Kafka: our relay beside Debezium Server and faststream-outbox.

Every contender runs warm and is stopped (SIGSTOP) while a backlog is written; its time runs from SIGCONT until the
broker has taken the last event (the broker's own time stamp). Acknowledged by all replicas, idempotent. The topic
is then read back: every event once, in order within its key.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from stack.run_file import Run

from benchmarks import Claim, Outcome
from benchmarks._peers import debezium, faststream
from benchmarks._servers import RELAY, Place, Processes, Topic, processes, servers, wait

EVENTS, WARM, ROUNDS = 100_000, 100_000, 3
FEW, FEW_WARM = 2_000, 500
"""faststream-outbox is given fewer events: its rate is what counts."""
DEBEZIUM, ONE, ONE_WORKER = "Debezium Server 3.6.0, tuned", "ours, 1 relay", "faststream-outbox, 1 worker"


@dataclass(frozen=True)
class Contender:
    """A relay: how it is started on a place, how its backlog is written."""

    name: str
    start: Callable[[Place, Processes], None]
    fill: Callable[[Place, int, int], None] = Place.fill
    events: int = EVENTS
    warm: int = WARM


@dataclass(frozen=True)
class Drained:
    """What one contender did: medians over the rounds."""

    contender: str
    events: int
    per_second: float
    cpu_us: float
    peak_mib: float
    lost: int
    doubled: int
    disordered: int

    def row(self) -> dict[str, object]:
        return {
            "relay": self.contender,
            "backlog": self.events,
            "events/s": round(self.per_second),
            "CPU µs/event": round(self.cpu_us, 1),
            "peak MiB": round(self.peak_mib),
            "lost": self.lost,
            "doubled": self.doubled,
            "out of order": self.disordered,
        }


def measure() -> Outcome:
    """Rows: events a second, CPU of the relay's own processes, and what the topic holds afterwards."""
    with servers() as run, tempfile.TemporaryDirectory() as home:
        found = {}
        for contender in _contenders(Path(home)):
            found[contender.name] = _drain(run, contender)
            print(found[contender.name], file=sys.stderr)
    peers = [drained for name, drained in found.items() if name.startswith("faststream")]
    one, theirs = found[ONE], found[DEBEZIUM]
    mine = [drained for name, drained in found.items() if name.startswith("ours")]
    claims = [
        Claim(
            "1 relay / faststream-outbox at its fastest",
            one.per_second / max(p.per_second for p in peers),
            10,
        ),
        Claim("1 relay / Debezium Server, warm", one.per_second / theirs.per_second, 1.2),
        Claim("peak memory, 1 relay / Debezium Server", one.peak_mib / theirs.peak_mib, 0.25, at_least=False),
        Claim(
            "lost, doubled or out of order, 1, 2 and 4 relays",
            sum(drained.lost + drained.doubled + drained.disordered for drained in mine),
            0,
            at_least=False,
        ),
    ]
    return Outcome([drained.row() for drained in found.values()], claims)


def _contenders(home: Path) -> list[Contender]:
    def relays(count: int) -> Callable[[Place, Processes], None]:
        def start(at: Place, into: Processes) -> None:
            for _ in range(count):
                into.start(RELAY, at.environment)

        return start

    def workers(count: int) -> Contender:
        return Contender(
            ONE_WORKER if count == 1 else f"faststream-outbox, {count} workers",
            lambda at, into: faststream.start(at, into, count),
            faststream.fill,
            FEW,
            FEW_WARM,
        )

    return [
        Contender(ONE, relays(1)),
        Contender(DEBEZIUM, lambda at, into: debezium.start(at, into, home / "debezium")),
        Contender("ours, 2 relays", relays(2)),
        Contender("ours, 4 relays", relays(4)),
        workers(1),
        workers(16),
    ]


def _drain(run: Run, contender: Contender) -> Drained:
    with debezium.place(run) as at, processes() as running:
        topic = Topic(run, at.topic)
        contender.start(at, running)
        contender.fill(at, 0, contender.warm)
        written = contender.warm
        wait(partial(_arrived, running, topic, written))
        begun: list[float] = []
        cpu: list[float] = []
        for _ in range(ROUNDS):
            running.pause()
            contender.fill(at, written, contender.events)
            written += contender.events
            before = running.cpu_seconds
            begun.append(time.time())
            running.resume()
            wait(partial(_arrived, running, topic, written))
            cpu.append((running.cpu_seconds - before) / contender.events * 1e6)
        peak = running.peak_mib
        return _judged(contender, topic, written, begun, median(cpu), peak)


def _arrived(running: Processes, topic: Topic, count: int) -> bool:
    running.check()
    return topic.count() >= count


def _judged(
    contender: Contender, topic: Topic, written: int, begun: list[float], cpu: float, peak: float
) -> Drained:
    taken: list[float] = []
    last: dict[str, int] = {}
    seen: set[tuple[str, int]] = set()
    doubled = disordered = 0
    for at, _, value in topic.read(topic.count()):
        taken.append(at)
        said = json.loads(value)
        key, number = said["letter_id"], said["number"]
        if (key, number) in seen:
            doubled += 1
            continue
        seen.add((key, number))
        disordered += number != last.get(key, 0) + 1
        last[key] = number
    seconds = [
        max(at for at in taken if at < until) - since
        for since, until in zip(begun, [*begun[1:], float("inf")], strict=True)
    ]
    rate = contender.events / median(seconds)
    return Drained(
        contender.name, contender.events, rate, cpu, peak, written - len(seen), doubled, disordered
    )
