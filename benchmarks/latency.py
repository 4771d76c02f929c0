"""From the commit that told an event to the commit of its effect, at a steady 500 events a second.

Events are written straight to the outbox, one transaction each, at even steps. One process relays, another handles
them (inbox and projection in one transaction a batch). All share the machine's clock.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from uuid import UUID, uuid4

import psycopg

from benchmarks import Claim, Outcome
from benchmarks import _handler as handler
from benchmarks._letters import AGENCY, EVENT_BYTES
from benchmarks._servers import Place, Processes, ours, place, processes, servers, wait

PER_SECOND, SECONDS, ROUNDS, WRITERS = 500, 10, 3, 8
TELL = """
INSERT INTO machinery.outbox (id, aggregatetype, aggregateid, type, payload, agency, sequence, time)
VALUES (%s, 'market.letter', %s, 'org.solidary.market.letter.posted.v1', %s, %s, 1, now())
"""
WAKE = "SELECT pg_notify('outbox', '')"


def measure() -> Outcome:
    """Rows: milliseconds from the commit's return to the effect's commit, one row per round."""
    with servers() as run, place(run) as at, processes() as running, tempfile.TemporaryDirectory() as home:
        notes = Path(home) / "notes"
        running.start(ours("worker", "--only", "relay"), at.environment)
        handler.start(at, running, notes)
        _stream(at, running, notes, seconds=3)
        rows: list[dict[str, object]] = []
        for round_ in range(1, ROUNDS + 1):
            before = running.cpu_seconds
            waited = _stream(at, running, notes, seconds=SECONDS)
            cpu = (running.cpu_seconds - before) / len(waited) * 1e6
            rows.append(
                {"round": round_, "events": len(waited), **_spread(waited), "CPU µs/event": round(cpu)}
            )
    best = min(rows, key=lambda row: float(str(row["p99"])))
    claims = [
        Claim("p50 of the best round, ms", float(str(best["p50"])), 10, at_least=False),
        Claim("p99 of the best round, ms", float(str(best["p99"])), 50, at_least=False),
    ]
    return Outcome(rows, claims, "Milliseconds; whatever else the machine does meanwhile is in the tail.")


def _spread(waited: list[float]) -> dict[str, object]:
    cuts = quantiles(waited, n=1000)
    return {"p50": cuts[499], "p90": cuts[899], "p99": cuts[989], "most": max(waited)}


def _stream(at: Place, running: Processes, notes: Path, *, seconds: int) -> list[float]:
    """Tells events for so long; the milliseconds that each waited for its effect."""
    told = asyncio.run(_tell(at, PER_SECOND * seconds))

    def all_handled() -> bool:
        running.check()
        return told.keys() <= handler.read(notes).keys()

    wait(all_handled, within=60)
    handled = handler.read(notes)
    return [(handled[id_] - since) * 1000 for id_, since in told.items()]


async def _tell(at: Place, count: int) -> dict[str, float]:
    """Event id → when its commit had returned."""
    told: dict[str, float] = {}
    steps = iter(range(count))
    begun = time.monotonic()

    async def write() -> None:
        async with await psycopg.AsyncConnection.connect(at.database.admin) as connection:
            for step in steps:
                await asyncio.sleep(begun + step / PER_SECOND - time.monotonic())
                id_, letter = uuid4(), uuid4()
                async with connection.pipeline():
                    await connection.execute(TELL, (id_, str(letter), _said(letter), AGENCY), prepare=True)
                    await connection.execute(WAKE, prepare=True)
                    await connection.commit()
                told[str(id_)] = time.time()

    await asyncio.gather(*(write() for _ in range(WRITERS)))
    return told


def _said(letter: UUID) -> str:
    said = f'{{"letter_id":"{letter}","number":1,"words":"'
    return said.ljust(EVENT_BYTES - 2, "x") + '"}'
