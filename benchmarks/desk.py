"""Fifty desks that receive families, on the whole platform, with few and with many people registered before.

Each desk walks an officer's whole path again and again (search, registration, need, guidance, consent, suggestions,
referral, acceptance, package, completion, timeline), with a second's thought before each request. The two sizes are
measured on the same platform one after the other, so that their ratio states the cost of the size.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from demonstration.people import new_family
from demonstration.place import Place
from solidary.platform.identity import Duty
from solidary_testing.tokens import Tokens
from stack import Stack
from stack.checkout import state_folder
from stack.platform import Platform
from stack.run_file import Run

from benchmarks import BenchmarkResult, Claim
from benchmarks._service import percentile

DESKS, RECEIVERS = 50, 10
SIZES = (10_000, 300_000)
"""The numbers of people who are registered before the desks open."""
SERVICES = 2_000
THOUGHT_SECONDS, WARM_UP_SECONDS, MEASURED_SECONDS = 1.0, 20.0, 60.0
AREA = "PA110403"
REASON = {"Solidary-Reason": "person_present"}
LARGEST_P95_MS, LARGEST_GROWTH = 250.0, 1.5


@dataclass
class Times:
    """The milliseconds of the answers of each route, and the answers that were errors."""

    by_route: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)

    def p95(self, route: str) -> float:
        """Return the 95th percentile of a route, in milliseconds."""
        return percentile(self.by_route[route], 0.95)


def measure() -> BenchmarkResult:
    """Measure the answers of each route with each number of people: milliseconds as the desk waits for them."""
    measured: dict[int, Times] = {}
    with _platform() as run:
        tokens = Tokens(run)
        asyncio.run(_fill_directory(run, tokens))
        for before, size in pairwise((0, *SIZES)):
            _seed(run, tokens, size - before, start=before)
            measured[size] = asyncio.run(_open_desks(run, tokens))
    small, large = (measured[size] for size in SIZES)
    rows: list[dict[str, object]] = [
        {
            "route": route,
            "answers": len(large.by_route[route]),
            **{f"p50 ms at {size:,}": median(measured[size].by_route[route]) for size in SIZES},
            **{f"p95 ms at {size:,}": measured[size].p95(route) for size in SIZES},
            "growth of p95": large.p95(route) / small.p95(route),
        }
        for route in large.by_route
    ]
    errors = sum((times.errors for times in measured.values()), Counter())
    slowest = max(large.p95(route) for route in large.by_route)
    growth = max(large.p95(route) / small.p95(route) for route in large.by_route)
    claims = [
        Claim("answers that were errors", errors.total(), 0, at_least=False),
        Claim(f"largest p95 in ms, {SIZES[1]:,} people", slowest, LARGEST_P95_MS, at_least=False),
        Claim(
            f"largest growth of p95, {SIZES[1]:,} / {SIZES[0]:,} people",
            growth,
            LARGEST_GROWTH,
            at_least=False,
        ),
    ]
    return BenchmarkResult(rows, claims, "\n".join(f"{count} × {error}" for error, count in errors.items()))


@contextmanager
def _platform() -> Iterator[Run]:
    """Start the whole platform with empty databases; delete them at the end."""
    stack = Stack(state_folder() / "bench" / "desk")
    stack.delete()
    try:
        stack.up()
        platform = Platform(stack)
        platform.up()
        yield platform.run
        platform.down()
    finally:
        stack.delete()


def _seed(run: Run, tokens: Tokens, count: int, *, start: int) -> None:
    """Make invented people of the desks' agency by intake's own command, and refresh PostgreSQL's statistics."""
    options = ["--agency", str(tokens.agency("unhcr")), "--start", str(start), "--among-people"]
    command = [sys.executable, "-m", "intake", "seed", str(count), *options]
    subprocess.run(command, env=os.environ | run.environment("intake"), check=True, stdout=sys.stderr)
    with psycopg.connect(run.postgres.admin, dbname="intake", autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


async def _fill_directory(run: Run, tokens: Tokens) -> None:
    """Write the services of the municipality, by several editors, as one may send 600 requests a minute."""
    editors = [tokens.of("chorrera", Duty.DIRECTORY_EDITOR, number=number) for number in range(1, 5)]
    async with httpx.AsyncClient(base_url=run.services["referrals"], timeout=60) as http:

        async def write(headers: dict[str, str], numbers: range) -> None:
            for number in numbers:
                answer = await http.post("/directory/services", json=_entry(number), headers=_unique(headers))
                answer.raise_for_status()

        await asyncio.gather(
            *(write(headers, range(each, SERVICES, len(editors))) for each, headers in enumerate(editors))
        )


def _entry(number: int) -> dict[str, Any]:
    """Return an entry of the directory; one in ten answers to a child out of school in the desks' district."""
    fits = number % 10 == 0
    return {
        "name": f"Servicio {number}",
        "organization": "Municipio (datos sintéticos)",
        "description": "Acompaña la matrícula en la escuela." if fits else "Atiende en el centro de salud.",
        "category": "education" if fits else "health",
        "confidential": False,
        "needs": ["CR-NE"] if fits else ["WG-VIS"],
        "eligibility": 'age >= 5 && age <= 17 && area.startsWith("PA11")' if fits else "age >= 18",
        "area": "PA1104" if fits else f"PA{1 + number % 9:02d}",
        "latitude": 8.88 + (number % 100) / 1000,
        "longitude": -79.78 + (number // 100) / 1000,
        "answers_within_hours": 48,
    }


async def _open_desks(run: Run, tokens: Tokens) -> Times:
    """Let all desks work; return what was measured after the warm-up."""
    desks = [
        tokens.of("unhcr", Duty.FRONT_DESK, Duty.CASE_WORKER, number=number) for number in range(1, DESKS + 1)
    ]
    receivers = [tokens.of("chorrera", Duty.PROVIDER, number=number) for number in range(1, RECEIVERS + 1)]
    chorrera = str(tokens.agency("chorrera"))
    started = time.perf_counter()
    times = Times()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(timeout=60, limits=limits) as http:
        await asyncio.gather(
            *(
                _Desk(
                    http, run, times, desk | REASON, receivers[number % RECEIVERS], chorrera, started, number
                ).work()
                for number, desk in enumerate(desks)
            )
        )
    return times


@dataclass
class _Desk:
    """One desk with its officer, and the colleague of the municipality who answers its referrals."""

    http: httpx.AsyncClient
    run: Run
    times: Times
    officer: dict[str, str]
    receiver: dict[str, str]
    recipient: str
    started: float
    number: int

    async def work(self) -> None:
        """Receive one family after the other until the time is over."""
        dice = random.Random(self.number)
        await asyncio.sleep(dice.random() * THOUGHT_SECONDS)
        while time.perf_counter() < self.started + WARM_UP_SECONDS + MEASURED_SECONDS:
            try:
                await self._receive_family()
            except httpx.HTTPError as error:
                self.times.errors[f"{type(error).__name__}: {error}"] += 1

    async def _receive_family(self) -> None:
        family = new_family(datetime.now(UTC).date() - timedelta(days=self.number), Place.of("PA"))
        name = {key: family.mother[key] for key in ("given_name", "surname", "born")}
        search = await self._send("POST", "intake", "/people/search", name)
        members = [family.mother, family.child, family.grandmother]
        members.append(family.child | {"given_name": f"{family.child['given_name']}a"})
        body = {"household": {"area": AREA}, "members": members, "search_id": search["search_id"]}
        registered = await self._send(
            "PUT", "intake", f"/registrations/{uuid4()}", body, "/registrations/{id}"
        )
        mother, child, *_ = (member["person_id"] for member in registered["members"])
        await self._send("GET", "intake", f"/people/{child}", route="/people/{id}")
        need = {"code": "CR-NE", "severity": "high"}
        await self._send("POST", "intake", f"/people/{child}/needs", need, "/people/{id}/needs")
        pathway = {"pathway": "pa-school-without-papers", "language": "es"}
        await self._send("POST", "intake", f"/people/{child}/guidance", pathway, "/people/{id}/guidance")
        consent = await self._send("POST", "intake", "/consents", self._consent(child, mother))
        query = {"need": "CR-NE", "profile": {"age": 9, "area": AREA, "languages": ["spa"]}}
        found = await self._send("POST", "referrals", "/suggestions", query)
        referral = {
            "service_id": found["items"][0]["service_id"],
            "consent_id": consent["consent_id"],
            "package_id": consent["package_id"],
            "person_id": child,
            "purpose": "service",
            "urgency": "normal",
        }
        referred = await self._send("POST", "referrals", "/referrals", referral)
        path, route = f"/referrals/{referred['referral_id']}", "/referrals/{id}"
        await self._answer("POST", f"{path}/accept", route=f"{route}/accept")
        await self._answer("GET", f"{path}/package", route=f"{route}/package")
        await self._answer("POST", f"{path}/start", route=f"{route}/start")
        done = {"outcome": "service_provided"}
        await self._answer("POST", f"{path}/complete", done, route=f"{route}/complete")
        await self._send("GET", "intake", f"/people/{child}/timeline", route="/people/{id}/timeline")

    def _consent(self, child: str, mother: str) -> dict[str, Any]:
        return {
            "person_id": child,
            "recipient": self.recipient,
            "purpose": "referral",
            "categories": ["name", "contact", "language", "age", "needs", "documents_held"],
            "basis": "consent",
            "language": "spa",
            "channel": "in_person",
            "text_version": "2026-11",
            "needs": ["CR-NE"],
            "given_by": mother,
            "assent": True,
        }

    async def _answer(self, method: str, path: str, body: Any = None, *, route: str) -> Any:
        return await self._send(method, "referrals", path, body, route, headers=self.receiver)

    async def _send(
        self,
        method: str,
        service: str,
        path: str,
        body: Any = None,
        route: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Think, send a request, and note the milliseconds until its answer. Raises httpx.HTTPError."""
        await asyncio.sleep(THOUGHT_SECONDS)
        sent = time.perf_counter()
        answer = await self.http.request(
            method, self.run.services[service] + path, json=body, headers=_unique(headers or self.officer)
        )
        if answer.is_error:
            problem = answer.json().get("detail") or answer.json().get("title")
            raise httpx.HTTPError(f"{method} {route or path}: {answer.status_code} {problem}")
        if sent > self.started + WARM_UP_SECONDS:
            taken = (time.perf_counter() - sent) * 1000
            self.times.by_route[f"{method} {service} {route or path}"].append(taken)
        return answer.json()


def _unique(headers: dict[str, str]) -> dict[str, str]:
    return {**headers, "Idempotency-Key": str(uuid4())}
