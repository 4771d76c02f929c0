"""From the commit that told an event to the commit of its effect, at a steady 500 events a second: our relay and
consumer, beside Debezium Server and a consumer by hand.

Events are written straight to the outbox, one transaction each, at even steps, by procedures in PostgreSQL. One process
relays, another handles them (inbox and projection in one transaction a batch). All share the machine's clock.
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

from benchmarks import Claim, Outcome
from benchmarks import _handler as handler
from benchmarks._letters import AGENCY, EVENT_BYTES
from benchmarks._peers import by_hand, debezium
from benchmarks._servers import RELAY, Place, Processes, processes, servers, wait

PER_SECOND, SECONDS, WARM_SECONDS, ROUNDS, WRITERS = 500, 10, 15, 3, 4
OURS, BY_HAND = "ours", "Debezium Server and by hand"
TELLING = """
CREATE UNLOGGED TABLE told (id uuid, at timestamptz);
CREATE PROCEDURE tell(events int, apart float8, after float8) LANGUAGE plpgsql AS $$
DECLARE
    begun timestamptz := clock_timestamp() + make_interval(secs => after);
    event uuid;
    letter uuid;
BEGIN
    FOR step IN 0 .. events - 1 LOOP
        PERFORM pg_sleep(extract(epoch FROM begun - clock_timestamp()) + step * apart);
        event := gen_random_uuid();
        letter := gen_random_uuid();
        INSERT INTO machinery.outbox (id, aggregatetype, aggregateid, type, payload, agency, sequence, time)
        VALUES (event, 'market.letter', letter, 'org.solidary.market.letter.posted.v1',
            rpad(format('{"letter_id":"%s","number":1,"words":"', letter), EVENT_BYTES - 2, 'x') || '"}',
            'AGENCY', 1, now());
        PERFORM pg_notify('outbox', '');
        COMMIT;
        INSERT INTO told VALUES (event, clock_timestamp());
    END LOOP;
END $$;
""".replace("EVENT_BYTES", str(EVENT_BYTES)).replace("AGENCY", str(AGENCY))


def measure() -> Outcome:
    """Rows: milliseconds from the commit's return to the effect's commit, one row per round."""
    rows: list[dict[str, object]] = []
    with servers() as run, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        ways = {
            OURS: _ours,
            BY_HAND: lambda at, running, notes: _by_hand(at, running, notes, home / "debezium"),
        }
        for name, start in ways.items():
            for round_ in _rounds(run, start, home / name):
                rows.append({"way": name, **round_})
                print(rows[-1], file=sys.stderr)
    ours, theirs = (_best(rows, name) for name in ways)
    claims = [
        Claim("p50 of the best round, ms", ours["p50"], 10, at_least=False),
        Claim("p99 of the best round, ms", ours["p99"], 50, at_least=False),
        Claim("p50, ours / Debezium Server and by hand", ours["p50"] / theirs["p50"], 1.0, at_least=False),
    ]
    return Outcome(rows, claims, "Milliseconds; whatever else the machine does meanwhile is in the tail.")


def _ours(at: Place, running: Processes, notes: Path) -> None:
    running.start(RELAY, at.environment)
    handler.start(at, running, notes)


def _by_hand(at: Place, running: Processes, notes: Path, home: Path) -> None:
    debezium.start(at, running, home)
    by_hand.start(at, running, notes)


def _rounds(
    run: Run, start: Callable[[Place, Processes, Path], None], notes: Path
) -> Iterator[dict[str, object]]:
    with debezium.place(run) as at, processes() as running:
        with psycopg.connect(at.database.admin) as connection:
            connection.execute(TELLING)
        start(at, running, notes)
        _stream(at, running, notes, seconds=WARM_SECONDS)
        for round_ in range(1, ROUNDS + 1):
            before = running.cpu_seconds
            waited = _stream(at, running, notes, seconds=SECONDS)
            cpu = (running.cpu_seconds - before) / len(waited) * 1e6
            yield {"round": round_, "events": len(waited), **_spread(waited), "CPU µs/event": round(cpu)}


def _best(rows: list[dict[str, object]], way: str) -> dict[str, float]:
    found = [{name: float(str(row[name])) for name in ("p50", "p99")} for row in rows if row["way"] == way]
    return min(found, key=lambda row: row["p99"])


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
    """Event id → when its commit had returned, by PostgreSQL's own sessions: the telling costs the machine little."""
    apart = WRITERS / PER_SECOND

    async def write(number: int) -> None:
        async with await psycopg.AsyncConnection.connect(at.database.admin, autocommit=True) as writer:
            await writer.execute("CALL tell(%s, %s, %s)", (count // WRITERS, apart, number / PER_SECOND))

    async with await psycopg.AsyncConnection.connect(at.database.admin, autocommit=True) as connection:
        await connection.execute("TRUNCATE told")
        await asyncio.gather(*(write(number) for number in range(WRITERS)))
        rows = await connection.execute("SELECT id::text, extract(epoch FROM at)::float8 FROM told")
        return dict(await rows.fetchall())
