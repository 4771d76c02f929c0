"""A backlog of 100,000 events of 400 bytes from the outbox to Kafka: our relay beside two peers.

The peers are Debezium Server and faststream-outbox. Every contender has been warmed up and is stopped (SIGSTOP)
while a backlog is written. Its time runs from SIGCONT until the broker has accepted the last event, by the broker's
own time. Producers are idempotent and wait for all replicas. Afterwards the topic is read, to check that every
event is there once and in order within its key.
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

from benchmarks import BenchmarkResult, Claim
from benchmarks._peers import debezium, faststream
from benchmarks._servers import RELAY, Processes, Target, Topic, processes, servers, wait_until

EVENTS, WARM_UP, ROUNDS = 100_000, 100_000, 3
FEW, FEW_WARM_UP = 2_000, 500
"""The numbers of events for faststream-outbox, of which only the rate is compared."""

DEBEZIUM, ONE, ONE_WORKER = "Debezium Server 3.6.0, tuned", "ours, 1 relay", "faststream-outbox, 1 worker"


@dataclass(frozen=True)
class Contender:
    """A relay, with functions that start it and write its backlog."""

    name: str
    start: Callable[[Target, Processes], None]
    fill: Callable[[Target, int, int], None] = Target.fill
    events: int = EVENTS
    warm_up: int = WARM_UP


@dataclass(frozen=True)
class Measurement:
    """The result of one contender, as medians over the rounds."""

    contender: str
    events: int
    per_second: float
    cpu_us: float
    peak_mib: float
    lost: int
    duplicated: int
    out_of_order: int

    def row(self) -> dict[str, object]:
        """Return the row of the result."""
        return {
            "relay": self.contender,
            "backlog": self.events,
            "events/s": round(self.per_second),
            "CPU µs/event": round(self.cpu_us, 1),
            "peak MiB": round(self.peak_mib),
            "lost": self.lost,
            "duplicated": self.duplicated,
            "out of order": self.out_of_order,
        }


def measure() -> BenchmarkResult:
    """Measure the rate, CPU time and memory of each relay, and check the topic afterwards."""
    with servers() as run, tempfile.TemporaryDirectory() as home:
        found = {}
        for contender in _contenders(Path(home)):
            found[contender.name] = _relay_backlogs(run, contender)
            print(found[contender.name], file=sys.stderr)
    peers = [each for name, each in found.items() if name.startswith("faststream")]
    one, theirs = found[ONE], found[DEBEZIUM]
    ours = [each for name, each in found.items() if name.startswith("ours")]
    claims = [
        Claim(
            "1 relay / faststream-outbox at its fastest",
            one.per_second / max(peer.per_second for peer in peers),
            10,
        ),
        Claim("1 relay / Debezium Server, warm", one.per_second / theirs.per_second, 1.2),
        Claim("peak memory, 1 relay / Debezium Server", one.peak_mib / theirs.peak_mib, 0.25, at_least=False),
        Claim(
            "events lost, duplicated or out of order, with 1, 2 and 4 relays",
            sum(each.lost + each.duplicated + each.out_of_order for each in ours),
            0,
            at_least=False,
        ),
    ]
    return BenchmarkResult([each.row() for each in found.values()], claims)


def _contenders(home: Path) -> list[Contender]:
    def relays(count: int) -> Callable[[Target, Processes], None]:
        def start(target: Target, running: Processes) -> None:
            for _ in range(count):
                running.start(RELAY, target.environment)

        return start

    def workers(count: int) -> Contender:
        return Contender(
            ONE_WORKER if count == 1 else f"faststream-outbox, {count} workers",
            lambda target, running: faststream.start(target, running, count),
            faststream.fill,
            FEW,
            FEW_WARM_UP,
        )

    return [
        Contender(ONE, relays(1)),
        Contender(DEBEZIUM, lambda target, running: debezium.start(target, running, home / "debezium")),
        Contender("ours, 2 relays", relays(2)),
        Contender("ours, 4 relays", relays(4)),
        workers(1),
        workers(16),
    ]


def _relay_backlogs(run: Run, contender: Contender) -> Measurement:
    with debezium.new_target(run) as target, processes() as running:
        topic = Topic(run, target.topic)
        contender.start(target, running)
        contender.fill(target, 0, contender.warm_up)
        written = contender.warm_up
        wait_until(partial(_has_arrived, running, topic, written))
        starts: list[float] = []
        cpu: list[float] = []
        for _ in range(ROUNDS):
            running.pause()
            contender.fill(target, written, contender.events)
            written += contender.events
            before = running.cpu_seconds
            starts.append(time.time())
            running.resume()
            wait_until(partial(_has_arrived, running, topic, written))
            cpu.append((running.cpu_seconds - before) / contender.events * 1e6)
        peak = running.peak_mib
        return _evaluate(contender, topic, written, starts, median(cpu), peak)


def _has_arrived(running: Processes, topic: Topic, count: int) -> bool:
    running.check()
    return topic.count() >= count


def _evaluate(
    contender: Contender, topic: Topic, written: int, starts: list[float], cpu: float, peak: float
) -> Measurement:
    accepted: list[float] = []
    last: dict[str, int] = {}
    seen: set[tuple[str, int]] = set()
    duplicated = out_of_order = 0
    for time_, _, value in topic.read(topic.count()):
        accepted.append(time_)
        event = json.loads(value)
        key, number = event["sample_id"], event["number"]
        if (key, number) in seen:
            duplicated += 1
            continue
        seen.add((key, number))
        out_of_order += number != last.get(key, 0) + 1
        last[key] = number
    seconds = [
        max(time_ for time_ in accepted if time_ < until) - since
        for since, until in zip(starts, [*starts[1:], float("inf")], strict=True)
    ]
    rate = contender.events / median(seconds)
    return Measurement(
        contender.name, contender.events, rate, cpu, peak, written - len(seen), duplicated, out_of_order
    )
