"""Events handled a second by a projection with inbox: a fetched batch in one transaction, beside one each."""

from __future__ import annotations

import tempfile
from pathlib import Path

from stack.run_file import Run

from benchmarks import Claim, Outcome
from benchmarks import _handler as handler
from benchmarks._servers import RELAY, Topic, place, processes, servers, wait

EVENTS, FEW, ROUNDS = 50_000, 3_000, 3


def measure() -> Outcome:
    """Rows: a consumer in a process of its own on a topic that is full; the best of its rounds."""
    with servers() as run:
        together = max((_handle(run, EVENTS, alone=False) for _ in range(ROUNDS)), key=_rate)
        alone = max((_handle(run, FEW, alone=True) for _ in range(ROUNDS)), key=_rate)
    rows = [{"transactions": "one a batch", **together}, {"transactions": "one an event", **alone}]
    claims = [
        Claim("events a second, inbox and a simple projection", _rate(together), 5_000),
        Claim("one transaction a batch / one an event", _rate(together) / _rate(alone), 5),
    ]
    return Outcome(rows, claims)


def _rate(row: dict[str, object]) -> float:
    return float(str(row["events/s"]))


def _handle(run: Run, count: int, *, alone: bool) -> dict[str, object]:
    with place(run) as at, tempfile.TemporaryDirectory() as home:
        with processes() as relaying:
            relaying.start(RELAY, at.environment)
            at.fill(0, count)
            topic = Topic(run, at.topic)
            wait(lambda: topic.count() == count)
        notes = Path(home) / "notes"
        with processes() as running:
            handler.start(at, running, notes, alone=alone)
            wait(lambda: _some(notes, 0))
            before = running.cpu_seconds
            wait(lambda: _some(notes, count - 1))
            cpu = running.cpu_seconds - before
        times = sorted(handler.read(notes).values())
    # The first batch is left out: with it, the consumer was still starting.
    measured = [at for at in times if at > times[0]]
    rate = len(measured) / (times[-1] - times[0])
    return {"events": count, "events/s": round(rate), "CPU µs/event": round(cpu / len(measured) * 1e6)}


def _some(notes: Path, more_than: int) -> bool:
    return notes.exists() and notes.read_bytes().count(b"\n") > more_than
