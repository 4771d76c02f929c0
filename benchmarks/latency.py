"""The time from the commit of an event to the commit of its effect, at a steady rate of 500 events per second.

Our relay and consumer are measured beside Debezium Server and a consumer written by hand. Procedures in PostgreSQL
write events into the outbox, one per transaction, at even intervals. One process relays them, another handles them
with inbox and projection, in one transaction per batch. All use the clock of the machine.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles

import psycopg
from stack.run_file import Run

from benchmarks import BenchmarkResult, Claim
from benchmarks import _handler as handler
from benchmarks._peers import by_hand, debezium
from benchmarks._sample_service import AGENCY, EVENT_BYTES
from benchmarks._servers import RELAY, Processes, Target, processes, servers, wait_until

PER_SECOND, SECONDS, WARM_UP_SECONDS, ROUNDS, WRITERS = 500, 10, 15, 3, 4
OURS, BY_HAND = "ours", "Debezium Server and consumer by hand"
PROCEDURES = """
CREATE UNLOGGED TABLE written (id uuid, at timestamptz);
CREATE PROCEDURE write_events(events int, seconds_between float8, seconds_before float8) LANGUAGE plpgsql AS $$
DECLARE
    start timestamptz := clock_timestamp() + make_interval(secs => seconds_before);
    event uuid;
    sample uuid;
BEGIN
    FOR step IN 0 .. events - 1 LOOP
        PERFORM pg_sleep(extract(epoch FROM start - clock_timestamp()) + step * seconds_between);
        event := gen_random_uuid();
        sample := gen_random_uuid();
        INSERT INTO machinery.outbox (id, aggregatetype, aggregateid, type, payload, agency, sequence, time)
        VALUES (event, 'market.counts', sample, 'org.solidary.market.sample.recorded.v1',
            rpad(format('{"sample_id":"%s","number":1,"content":"', sample), EVENT_BYTES - 2, 'x') || '"}',
            'AGENCY', 1, now());
        PERFORM pg_notify('outbox', '');
        COMMIT;
        INSERT INTO written VALUES (event, clock_timestamp());
    END LOOP;
END $$;
""".replace("EVENT_BYTES", str(EVENT_BYTES)).replace("AGENCY", str(AGENCY))


def measure() -> BenchmarkResult:
    """Measure the milliseconds from the return of the commit to the commit of the effect, one row per round."""
    rows: list[dict[str, object]] = []
    with servers() as run, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        contenders = {
            OURS: _start_ours,
            BY_HAND: lambda target, running, times: _start_by_hand(target, running, times, home / "debezium"),
        }
        for name, start in contenders.items():
            for round_ in _rounds(run, start, home / name):
                rows.append({"contender": name, **round_})
                print(rows[-1], file=sys.stderr)
    ours, theirs = (_best(rows, name) for name in contenders)
    claims = [
        Claim("p50, ours / Debezium Server and by hand", ours["p50"] / theirs["p50"], 0.6, at_least=False),
        Claim("p99, ours / Debezium Server and by hand", ours["p99"] / theirs["p99"], 1.0, at_least=False),
    ]
    return BenchmarkResult(
        rows, claims, "Times in milliseconds. Other work on the machine shows in the largest values."
    )


def _start_ours(target: Target, running: Processes, times: Path) -> None:
    running.start(RELAY, target.environment)
    handler.start(target, running, times)


def _start_by_hand(target: Target, running: Processes, times: Path, home: Path) -> None:
    debezium.start(target, running, home)
    by_hand.start(target, running, times)


def _rounds(
    run: Run, start: Callable[[Target, Processes, Path], None], times: Path
) -> Iterator[dict[str, object]]:
    with debezium.new_target(run) as target, processes() as running:
        with psycopg.connect(target.database.admin) as connection:
            connection.execute(PROCEDURES)
        start(target, running, times)
        _stream(target, running, times, seconds=WARM_UP_SECONDS)
        for round_ in range(1, ROUNDS + 1):
            before = running.cpu_seconds
            latencies = _stream(target, running, times, seconds=SECONDS)
            cpu = (running.cpu_seconds - before) / len(latencies) * 1e6
            yield {
                "round": round_,
                "events": len(latencies),
                **_percentiles(latencies),
                "CPU µs/event": round(cpu),
            }


def _best(rows: list[dict[str, object]], contender: str) -> dict[str, float]:
    found = [
        {name: float(str(row[name])) for name in ("p50", "p99")}
        for row in rows
        if row["contender"] == contender
    ]
    return min(found, key=lambda row: row["p99"])


def _percentiles(latencies: list[float]) -> dict[str, object]:
    cuts = quantiles(latencies, n=1000)
    return {"p50": cuts[499], "p90": cuts[899], "p99": cuts[989], "max": max(latencies)}


def _stream(target: Target, running: Processes, times: Path, *, seconds: int) -> list[float]:
    """Write events for some seconds and return the milliseconds from each commit to its effect."""
    written = asyncio.run(_write_events(target, PER_SECOND * seconds))

    def all_handled() -> bool:
        running.check()
        return written.keys() <= handler.read(times).keys()

    wait_until(all_handled, within=60)
    handled = handler.read(times)
    return [(handled[id_] - since) * 1000 for id_, since in written.items()]


async def _write_events(target: Target, count: int) -> dict[str, float]:
    """Write events and return the time of each commit by the event's id.

    PostgreSQL writes them by itself, which costs the machine little.
    """
    seconds_between = WRITERS / PER_SECOND

    async def write(number: int) -> None:
        async with await psycopg.AsyncConnection.connect(target.database.admin, autocommit=True) as writer:
            await writer.execute(
                "CALL write_events(%s, %s, %s)", (count // WRITERS, seconds_between, number / PER_SECOND)
            )

    async with await psycopg.AsyncConnection.connect(target.database.admin, autocommit=True) as connection:
        await connection.execute("TRUNCATE written")
        await asyncio.gather(*(write(number) for number in range(WRITERS)))
        rows = await connection.execute("SELECT id::text, extract(epoch FROM at)::float8 FROM written")
        return dict(await rows.fetchall())
