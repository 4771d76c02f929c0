"""Suggestions by the API from up to 10,000 services, alone and at 50 desks, beside the same selection by bare SQL.

Also the results of a rule beside two other implementations of CEL.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from statistics import median
from typing import Any
from uuid import UUID

import cel
import celpy
import httpx
import psycopg
from celpy.adapter import json_to_cel
from referrals.engines.eligibility.check import check_eligibility
from referrals.engines.eligibility.profile import read_profile
from referrals.engines.eligibility.rule import parse_rule
from referrals.engines.eligibility.vocabulary import load_vocabulary
from solidary.platform.identity import Duty
from solidary_testing.tokens import Tokens

from benchmarks import BenchmarkResult, Claim
from benchmarks._servers import servers
from benchmarks._service import growth, percentile, serve

CHECKS = 2_000
SIZES = (1_000, 3_000, 10_000)
"""The services; a tenth of them meet the need."""
REQUESTS, DESKS, ROUNDS, THOUGHT = 100, 50, 8, 1.0
"""The requests of one caller; the desks, the requests of each, and the seconds that each thinks between two."""
RULE = 'age >= 18 && (children > 0 || "passport" in documents) && area.startsWith("PA13")'
PERSON: dict[str, Any] = {
    "age": 30,
    "children": 2,
    "area": "PA1301",
    "documents": ["cedula"],
    "languages": ["spa"],
}
QUERY = {"need": "shelter", "profile": PERSON, "near": {"latitude": 8.88, "longitude": -79.78}}

COLUMNS = """name, organization, description, category, needs, purpose, status, confidential, eligibility, area,
    languages, latitude, longitude, remote, answers_within_hours, details, available, waiting_list,
    capacity_updated_at, modified"""
FILL = f"""
WITH rows AS (
    SELECT md5(n::text)::uuid AS id, n FROM generate_series(1, %(count)s) AS n
    WHERE NOT EXISTS (SELECT FROM data.service s WHERE s.id = md5(n::text)::uuid)
), made AS (
    INSERT INTO data.service (id, root, agency, recorded_by, {COLUMNS})
    SELECT id, id, %(agency)s, %(agency)s, 'Centro ' || n, 'Organización ' || n %% 97,
        repeat('Atención a familias. ', 30),
        CASE WHEN n %% 10 = 0 THEN 'shelter' ELSE 'health' END, ARRAY['WG-VIS'], 'service', 'active', false,
        'age >= ' || n %% 40 || ' || children > ' || n %% 3, 'PA13' || lpad((n %% 30)::text, 2, '0'), ARRAY['spa'],
        8.5 + n %% 5000 / 1e4, -79.8, false, n %% 100,
        jsonb_build_object('version', 1, 'schedules', jsonb_build_array(jsonb_build_object('byday', 'MO,TU,WE,TH,FR',
            'opens_at', lpad((7 + n %% 4)::text, 2, '0') || ':00', 'closes_at', '16:00'))),
        n %% 5, false, now() - n %% 30 * interval '1 day', now() FROM rows
    RETURNING id, agency, {COLUMNS}
)
INSERT INTO published.service (id, agency, {COLUMNS}) SELECT id, agency, {COLUMNS} FROM made
"""
BARE = """
SELECT id, name, count(*) OVER () FROM published.service
WHERE status = 'active' AND array_append(needs, category) @> ARRAY['shelter']
ORDER BY power(latitude - 8.88, 2) + power(longitude + 79.78, 2), id LIMIT 20
"""
"""The nearest 20 with the number of all, without eligibility, opening hours, reasons, token or scope."""


def measure() -> BenchmarkResult:
    """Measure the seconds of evaluations and of suggestions."""
    vocabulary = load_vocabulary()
    rule, person = parse_rule(RULE, vocabulary), read_profile(PERSON, vocabulary)
    ours = _seconds(lambda: check_eligibility(rule, person, vocabulary))
    interpreter = celpy.Environment().program(celpy.Environment().compile(RULE))
    interpreted = _seconds(lambda: interpreter.evaluate({n: json_to_cel(v) for n, v in PERSON.items()}))
    rust = cel.compile(RULE)
    compiled = _seconds(lambda: rust.execute(PERSON))
    rows = [
        _row(f"{CHECKS:,} checks", "ours, with reasons", ours),
        _row(f"{CHECKS:,} checks", "cel-python, without reasons", interpreted),
        _row(f"{CHECKS:,} checks", "cel-rust, without reasons", compiled),
    ]
    alone: dict[int, list[float]] = {}
    bare: dict[int, float] = {}
    with servers() as run, serve(run, "referrals") as serving:
        tokens = Tokens(run)
        headers = tokens.of("unhcr", Duty.CASE_WORKER)
        for size in SIZES:
            _fill(serving.database.admin, size, tokens.agency("chorrera"))
            asyncio.run(_ask(serving.url, headers, clients=1, count=20))
            alone[size] = asyncio.run(_ask(serving.url, headers, clients=1, count=REQUESTS))
            bare[size] = _bare(serving.database.admin)
            task = f"20 of {size // 10:,} that meet the need, of {size:,} services"
            rows += [
                _row(task, "ours, p50", median(alone[size])),
                _row(task, "ours, p95", percentile(alone[size], 0.95)),
                _row(task, "bare SQL, p50", bare[size]),
            ]
        asyncio.run(_ask(serving.url, headers, clients=DESKS, count=1, thought=THOUGHT))
        at_desks = asyncio.run(_ask(serving.url, headers, clients=DESKS, count=ROUNDS, thought=THOUGHT))
    rows.append(_row(f"the same at {DESKS} desks", "ours, p95", percentile(at_desks, 0.95)))
    largest = max(SIZES)
    exponent = growth({size: median(seconds) for size, seconds in alone.items()})
    claims = [
        Claim("times the speed of cel-python's interpreter", interpreted / ours, 2),
        Claim(
            "p95 alone, of 10,000 services, in ms", percentile(alone[largest], 0.95) * 1e3, 50, at_least=False
        ),
        Claim("p95 at 50 desks, in ms", percentile(at_desks, 0.95) * 1e3, 200, at_least=False),
        Claim("exponent of growth", exponent, 1.1, at_least=False),
        Claim(
            "p50 of the route / bare SQL, at 10,000",
            median(alone[largest]) / bare[largest],
            20,
            at_least=False,
        ),
    ]
    return BenchmarkResult(rows, claims)


def _fill(admin_url: str, count: int, agency: UUID) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(FILL, {"count": count, "agency": agency})
        admin.execute("VACUUM ANALYZE published.service")


async def _ask(
    url: str, headers: dict[str, str], *, clients: int, count: int, thought: float = 0
) -> list[float]:
    """Return the seconds of each request. A request that fails ends the benchmark."""
    seconds: list[float] = []
    async with httpx.AsyncClient(
        headers=headers, timeout=60, limits=httpx.Limits(max_connections=clients)
    ) as client:

        async def ask(number: int) -> None:
            await asyncio.sleep(thought * number / clients)
            for _ in range(count):
                start = time.perf_counter()
                answer = await client.post(f"{url}/suggestions", json=QUERY)
                seconds.append(time.perf_counter() - start)
                assert len(answer.raise_for_status().json()["items"]) == 20
                await asyncio.sleep(thought)

        await asyncio.gather(*(ask(number) for number in range(clients)))
    return seconds


def _bare(admin_url: str) -> float:
    """Return the median of the seconds of the selection by bare SQL."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        seconds = []
        for _ in range(REQUESTS):
            start = time.perf_counter()
            assert len(connection.execute(BARE).fetchall()) == 20
            seconds.append(time.perf_counter() - start)
    return median(seconds)


def _row(task: str, contender: str, seconds: float) -> dict[str, object]:
    return {"task": task, "contender": contender, "seconds": seconds}


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    for _ in range(CHECKS):
        work()
    return time.perf_counter() - start
