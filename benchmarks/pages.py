"""The pages of the console with few and with many people registered, beside the calls of services that each makes.

One officer opens each page again and again, and in between the same calls are sent at once with the officer's own token
and without the page: the difference is what a page costs. The sizes are measured on the same platform.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import httpx
import psycopg
from console.accounts.sessions.cookies import session_cookie
from console.accounts.sessions.records import PageSession
from console.accounts.sessions.store import SessionStore
from demonstration.people import new_family
from demonstration.place import Place
from solidary.platform.database import Database
from solidary.platform.identity import Duty
from solidary.platform.settings import Settings
from solidary_testing.tokens import Tokens
from stack import Stack
from stack.checkout import state_folder
from stack.platform import Platform
from stack.run_file import Run

from benchmarks import BenchmarkResult, Claim
from benchmarks._service import percentile

SIZES = (10_000, 100_000)
"""The numbers of people who are registered."""
FAMILIES = 12
"""The families of the officer, each with a need of its child and a consent."""
WARM_UP, REPEATS = 20, 150
LARGEST_P95_MS, LARGEST_RATIO, LARGEST_GROWTH = 150.0, 3.0, 1.5
Call = tuple[str, str]


def measure() -> BenchmarkResult:
    """Measure each page and its calls at both sizes."""
    measured: dict[int, dict[str, tuple[list[float], list[float]]]] = {}
    with _platform() as run:
        tokens = Tokens(run)
        for before, size in pairwise((0, *SIZES)):
            _seed(run, tokens, size - before, start=before)
            officer = tokens.of("unhcr", Duty.FRONT_DESK, Duty.CASE_WORKER, number=size)
            measured[size] = asyncio.run(_measure(run, tokens, officer))
    small, large = (measured[size] for size in SIZES)
    rows: list[dict[str, object]] = [
        {
            "page": page,
            **{f"p50 ms at {size:,}": median(measured[size][page][0]) for size in SIZES},
            **{f"p95 ms at {size:,}": percentile(measured[size][page][0], 0.95) for size in SIZES},
            f"p95 ms of its calls at {SIZES[1]:,}": percentile(calls, 0.95),
            "page / calls (p50)": median(pages) / median(calls),
        }
        for page, (pages, calls) in large.items()
    ]
    slowest = max(percentile(pages, 0.95) for pages, _ in large.values())
    ratio = max(median(pages) / median(calls) for pages, calls in large.values())
    growth = max(median(large[page][0]) / median(small[page][0]) for page in large)
    return BenchmarkResult(
        rows,
        [
            Claim(
                f"largest p95 of a page in ms, {SIZES[1]:,} people", slowest, LARGEST_P95_MS, at_least=False
            ),
            Claim("largest median of a page / of its calls at once", ratio, LARGEST_RATIO, at_least=False),
            Claim(
                f"largest growth of a page's median, {SIZES[1]:,} / {SIZES[0]:,} people",
                growth,
                LARGEST_GROWTH,
                at_least=False,
            ),
        ],
    )


@contextmanager
def _platform() -> Iterator[Run]:
    """Start the whole platform with empty databases; delete them at the end."""
    stack = Stack(state_folder() / "bench" / "pages")
    stack.delete()
    try:
        stack.up()
        platform = Platform(stack, {"SOLIDARY_RATE_LIMIT": "10000000/minute"})
        platform.up()
        yield platform.run
        platform.down()
    finally:
        stack.delete()


def _seed(run: Run, tokens: Tokens, count: int, *, start: int) -> None:
    """Make invented people of the officer's agency by intake's own command, and refresh PostgreSQL's statistics."""
    options = ["--agency", str(tokens.agency("unhcr")), "--start", str(start), "--among-people"]
    command = [sys.executable, "-m", "intake", "seed", str(count), *options]
    subprocess.run(command, env=os.environ | run.environment("intake"), check=True, stdout=sys.stderr)
    with psycopg.connect(run.postgres.admin, dbname="intake", autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


async def _measure(
    run: Run, tokens: Tokens, officer: dict[str, str]
) -> dict[str, tuple[list[float], list[float]]]:
    """Return the milliseconds of each page, and of its calls at once, one after the other."""
    async with httpx.AsyncClient(timeout=60) as http:
        person, household = await _receive_families(http, run, tokens, officer)
        browser = await _log_in(run, officer)
        times: dict[str, tuple[list[float], list[float]]] = {}
        for page, (path, calls) in _pages(person, household).items():
            times[page] = ([], [])
            for number in range(WARM_UP + REPEATS):
                began = time.perf_counter()
                answer = await http.get(run.address + path, headers=browser)
                shown = time.perf_counter()
                await asyncio.gather(*(_call(http, run, officer, call) for call in calls))
                done = time.perf_counter()
                assert answer.status_code == 200, f"{page}: {answer.status_code}"
                if number >= WARM_UP:
                    times[page][0].append((shown - began) * 1000)
                    times[page][1].append((done - shown) * 1000)
        return times


def _pages(person: str, household: str) -> dict[str, tuple[str, Sequence[Call]]]:
    """Return the pages with the calls that each of them makes, the later ones of a chain too."""
    soon = (datetime.now(UTC) + timedelta(days=14)).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = f"/people/{person}"
    return {
        "start": (
            "/",
            (
                ("referrals", "/referrals?state=requested&limit=200"),
                ("referrals", "/referrals?state=rejected&limit=200"),
                ("intake", "/needs?state=open&limit=200"),
                ("intake", "/procedures?limit=200"),
                ("intake", f"/consents?state=granted&limit=200&ends_before={soon}"),
                ("intake", "/people?state=provisional&limit=6"),
            ),
        ),
        "people": ("/people", (("intake", "/people?limit=50"),)),
        "needs": ("/needs?sort=2", (("intake", "/needs?state=open&limit=200"),)),
        "a person": (
            path,
            (
                ("intake", path),
                ("intake", f"/households/{household}"),
                ("intake", f"{path}/needs"),
                ("intake", f"{path}/consents"),
                ("intake", f"{path}/timeline?limit=200"),
                ("referrals", f"/referrals?person_id={person}&limit=200"),
            ),
        ),
        "record a need": (f"{path}/needs/new", (("intake", path),)),
        "guidance": (f"{path}/guidance", (("intake", f"{path}/pathways?language=es"),)),
        "household": (f"/households/{household}", (("intake", f"/households/{household}"),)),
    }


async def _call(http: httpx.AsyncClient, run: Run, officer: dict[str, str], call: Call) -> None:
    service, path = call
    answer = await http.get(run.services[service] + path, headers=officer)
    answer.raise_for_status()


async def _log_in(run: Run, officer: dict[str, str]) -> dict[str, str]:
    """Return the headers of a browser at which the officer is logged in."""
    with patch.dict(os.environ, run.environment("console")):
        settings = Settings()
    database = Database(run.databases["console"]["app"], service="console", country="pa")
    token = officer["Authorization"].removeprefix("Bearer ")
    content = PageSession(access_token=token, refresh_token="", expires=time.time() + 3600, name="Officer")
    try:
        cookie = await SessionStore(database, settings.request_secret).create(uuid4(), content)
    finally:
        await database.close()
    return {"Cookie": f"{session_cookie(settings)}={cookie}", "Accept-Language": "es"}


async def _receive_families(
    http: httpx.AsyncClient, run: Run, tokens: Tokens, officer: dict[str, str]
) -> tuple[str, str]:
    """Register families, each with a need and a consent, and return the ids of a child and its household."""
    registered: Any = None
    for number in range(FAMILIES):
        family = new_family(datetime.now(UTC).date() - timedelta(days=number), Place.of("PA"))
        body = {
            "household": {"area": "PA110403"},
            "members": [family.mother, family.child, family.grandmother],
        }
        registered = await _write(http, run, officer, "PUT", f"/registrations/{uuid4()}", body)
        mother, child, _ = (member["person_id"] for member in registered["members"])
        await _write(
            http, run, officer, "POST", f"/people/{child}/needs", {"code": "CR-SE", "severity": "high"}
        )
        consent = {
            "person_id": mother,
            "recipient": str(tokens.agency("chorrera")),
            "purpose": "referral",
            "categories": ["name", "language"],
            "basis": "consent",
            "language": "spa",
            "channel": "in_person",
            "text_version": "2026-11",
        }
        await _write(http, run, officer, "POST", "/consents", consent)
    return child, registered["household_id"]


async def _write(
    http: httpx.AsyncClient, run: Run, officer: dict[str, str], method: str, path: str, body: Any
) -> Any:
    headers = officer | {"Idempotency-Key": str(uuid4())}
    answer = await http.request(method, run.services["intake"] + path, json=body, headers=headers)
    answer.raise_for_status()
    return answer.json()
