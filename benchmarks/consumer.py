"""The rate of a projection with an inbox: one transaction per fetched batch, beside one transaction per event."""

from __future__ import annotations

import tempfile
from pathlib import Path

from stack.run_file import Run

from benchmarks import BenchmarkResult, Claim
from benchmarks import _handler as handler
from benchmarks._servers import RELAY, Topic, new_target, processes, servers, wait_until

EVENTS, FEW, ROUNDS = 50_000, 3_000, 3


def measure() -> BenchmarkResult:
    """Measure a consumer in a process of its own on a filled topic: the best of the rounds."""
    with servers() as run:
        batched = max((_handle(run, EVENTS, single=False) for _ in range(ROUNDS)), key=_rate)
        single = max((_handle(run, FEW, single=True) for _ in range(ROUNDS)), key=_rate)
    rows = [{"transactions": "one per batch", **batched}, {"transactions": "one per event", **single}]
    claims = [
        Claim("events per second, inbox and a simple projection", _rate(batched), 5_000),
        Claim("events per second, one transaction per event", _rate(single), 800),
        Claim("one transaction per batch / one per event", _rate(batched) / _rate(single), 5),
    ]
    return BenchmarkResult(rows, claims)


def _rate(row: dict[str, object]) -> float:
    return float(str(row["events/s"]))


def _handle(run: Run, count: int, *, single: bool) -> dict[str, object]:
    with new_target(run) as target, tempfile.TemporaryDirectory() as home:
        with processes() as relay:
            relay.start(RELAY, target.environment)
            target.fill(0, count)
            topic = Topic(run, target.topic)
            wait_until(lambda: topic.count() == count)
        times_file = Path(home) / "times"
        with processes() as running:
            handler.start(target, running, times_file, single=single)
            wait_until(lambda: _has_lines(times_file, 0))
            before = running.cpu_seconds
            wait_until(lambda: _has_lines(times_file, count - 1))
            cpu = running.cpu_seconds - before
        times = sorted(handler.read(times_file).values())
    # The first batch is left out, because the consumer was still starting.
    measured = [time for time in times if time > times[0]]
    rate = len(measured) / (times[-1] - times[0])
    return {"events": count, "events/s": round(rate), "CPU µs/event": round(cpu / len(measured) * 1e6)}


def _has_lines(file: Path, more_than: int) -> bool:
    return file.exists() and file.read_bytes().count(b"\n") > more_than
