"""The search for a person with a common name, and the desk's look-ups, among 10,000 to 300,000 invented people.

SOLIDARY_BENCH_PEOPLE=10000,100000,300000,1000000 chooses other sizes; the people are made by `python -m intake seed`.
"""

from __future__ import annotations

import asyncio
import math
import os
import random
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from uuid import UUID

import httpx
import psycopg
from intake.desk.seeding.commands import seed
from intake.engines.matching.names import lexicon
from intake.registry.encryption.dependencies import instance_key_of
from intake.registry.encryption.rules import InstanceKey
from intake.registry.search.rules import YEAR_TOLERANCE
from intake.registry.search_index.commands import wanted_tokens_of
from intake.registry.search_index.queries import MAXIMUM_CANDIDATES, MAXIMUM_ROWS
from intake.registry.search_index.rules import PersonDescription, wanted_keys
from intake.registry.search_index.statements import CANDIDATES
from intake.service import service
from solidary.platform.database import Database
from solidary.platform.identity import Duty
from solidary_testing.servers import TestDatabase, api_client, settings_for, throwaway_database
from solidary_testing.tokens import Tokens
from stack.run_file import Run

from benchmarks import BenchmarkResult, Claim
from benchmarks._servers import servers
from benchmarks._service import growth

SIZES = [int(size) for size in os.environ.get("SOLIDARY_BENCH_PEOPLE", "10000,100000,300000").split(",")]
SEARCHES = 100
BOUNDS = {300_000: 60.0, 1_000_000: 100.0}
"""People → the bound of the 95th percentile of a search in milliseconds."""
LOOK_UP_BOUND = 12.0
LOOK_UPS = ("", "/needs", "/timeline", "/consents", "/procedures")
CANDIDATES_BARE = re.sub(r":(\w+)", r"%(\1)s", CANDIDATES.text).encode()
PEOPLE_BARE = b"""
    SELECT p.*, k.wrapped FROM data.person p JOIN keys.subject_key k ON k.id = p.id WHERE p.id = ANY(%s)
"""


def measure() -> BenchmarkResult:
    """Measure the milliseconds of searches through the API, of the bare SQL, and of look-ups."""
    with servers() as run, throwaway_database(run, "intake", service.folder / "migrations") as database:
        rows = asyncio.run(_measure(run, database))
    last = rows[-1]
    exponents = {
        name: growth({size: row[name] for size, row in zip(SIZES, rows, strict=True)})
        for name in ("search p95", "bare p95")
    }
    claims = [
        Claim(
            f"milliseconds of a search among {size:,} people, 95th percentile",
            row["search p95"],
            BOUNDS[size],
            at_least=False,
        )
        for size, row in zip(SIZES, rows, strict=True)
        if size in BOUNDS
    ]
    claims += [
        Claim("exponent of growth of a search", exponents["search p95"], 1.1, at_least=False),
        Claim(
            "milliseconds of a look-up among the most people, 95th percentile",
            last["look-up p95"],
            LOOK_UP_BOUND,
            at_least=False,
        ),
    ]
    notes = (
        f"A search is a common full name with a birth date. Bare: the same {MAXIMUM_CANDIDATES} candidates and their "
        f"rows by psycopg as an administrator, without HTTP, token, scope, log, decryption and comparison. Its "
        f"exponent of growth: {exponents['bare p95']:.2f}."
    )
    return BenchmarkResult([{**row} for row in rows], claims, notes)


async def _measure(run: Run, database: TestDatabase) -> list[dict[str, float]]:
    settings = settings_for(run, database, "intake", rate_limit="10000000/minute")
    instance_key, tokens = instance_key_of(settings), Tokens(run)
    people = Database(database.roles["app"], service="intake", country="pa")
    rows, made = [], 0
    async with api_client(service.application(settings)) as api:
        for size in SIZES:
            start = time.perf_counter()
            await seed(people, instance_key, tokens.agency("unhcr"), size, start=made)
            seconds = time.perf_counter() - start
            with psycopg.connect(database.admin, autocommit=True) as admin:
                admin.execute("VACUUM ANALYZE")
                desk = tokens.of("unhcr", Duty.FRONT_DESK)
                searches, bare = await _searches(api, admin, desk, instance_key, tokens.agency("unhcr"))
                look_ups = await _look_ups(api, admin, desk)
            rows.append(
                {
                    "people": size,
                    "made per second": (size - made) / seconds,
                    "search p50": _percentile(searches, 50),
                    "search p95": _percentile(searches, 95),
                    "bare p50": _percentile(bare, 50),
                    "bare p95": _percentile(bare, 95),
                    "times bare": _percentile(searches, 50) / _percentile(bare, 50),
                    "look-up p95": _percentile(look_ups, 95),
                }
            )
            made = size
    await people.close()
    return rows


async def _searches(
    api: httpx.AsyncClient,
    admin: psycopg.Connection,
    desk: dict[str, str],
    instance_key: InstanceKey,
    agency: UUID,
) -> tuple[list[float], list[float]]:
    """Return the milliseconds of searches and of the bare SQL, which take turns."""
    ours, bare = [], []
    for wanted in _common_people():
        body = {
            "given_name": wanted.given_name,
            "surname": wanted.surname,
            "born": f"{wanted.born}",
        }
        milliseconds, response = await _timed(
            lambda body=body: api.post("/people/search", json=body, headers=desk)
        )
        assert response.status_code == 200, response.text
        ours.append(milliseconds)
        tokens = list(wanted_tokens_of(instance_key, wanted_keys(wanted, year_tolerance=YEAR_TOLERANCE)))
        start = time.perf_counter()
        _search_bare(admin, agency, tokens)
        bare.append(1000 * (time.perf_counter() - start))
    return ours, bare


def _search_bare(admin: psycopg.Connection, agency: UUID, tokens: list[bytes]) -> None:
    found = admin.execute(
        CANDIDATES_BARE,
        {"agency": agency, "tokens": tokens, "most_rows": MAXIMUM_ROWS, "most": MAXIMUM_CANDIDATES},
    ).fetchall()
    admin.execute(PEOPLE_BARE, ([id_ for (id_,) in found],)).fetchall()


async def _look_ups(api: httpx.AsyncClient, admin: psycopg.Connection, desk: dict[str, str]) -> list[float]:
    found = admin.execute("SELECT id FROM data.person ORDER BY id LIMIT 50").fetchall()
    taken, headers = [], desk | {"Solidary-Reason": "person_present"}
    for (person_id,) in found:
        for look_up in LOOK_UPS:
            path = f"/people/{person_id}{look_up}"
            milliseconds, response = await _timed(lambda path=path: api.get(path, headers=headers))
            assert response.status_code == 200, response.text
            taken.append(milliseconds)
    return taken


def _common_people() -> list[PersonDescription]:
    """Return descriptions with two of the commonest given names, two of the commonest surnames and a birth date."""
    chosen = random.Random(3)
    given, surnames = (lexicon().common_words[kind][:12] for kind in ("given", "surname"))
    first_day = date(1950, 1, 1)
    return [
        PersonDescription(
            given_name=" ".join(chosen.sample(given, 2)),
            surname=" ".join(chosen.sample(surnames, 2)),
            born=first_day + timedelta(days=chosen.randrange(25_000)),
        )
        for _ in range(SEARCHES)
    ]


async def _timed(send: Callable[[], Awaitable[httpx.Response]]) -> tuple[float, httpx.Response]:
    start = time.perf_counter()
    response = await send()
    return 1000 * (time.perf_counter() - start), response


def _percentile(values: Sequence[float], percent: int) -> float:
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]
