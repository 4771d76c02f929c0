"""Households of three, registered from one CSV file, over three sizes: the request, and the worker that writes.

The peer copies the same rows (households, people, keys, tokens of the search, entries of log and timelines) by bare
COPY into tables of the same form with the same indexes, without encryption, checks, policies, triggers or events.
"""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import psycopg
from intake.desk.imports import commands, jobs
from intake.engines.synthetic_people import PeopleGenerator
from intake.registry.encryption.dependencies import instance_key_of
from intake.service import service
from psycopg import sql
from solidary.language.country import load_pack
from solidary.platform.bulk.reading import FileFormat
from solidary.platform.clients import ServiceClients
from solidary.platform.database import Database
from solidary.platform.identity import Principal
from solidary_testing.servers import TestDatabase, settings_for, throwaway_database
from stack.run_file import Run

from benchmarks import BenchmarkResult, Claim
from benchmarks._servers import servers
from benchmarks._service import growth

SIZES = (1_000, 5_000, 10_000)
"""The people of a file."""
MAX_SECONDS, MAX_EXPONENT, MAX_RATIO = 300.0, 1.1, 40.0
AGENCY, CLERK = UUID(int=7), UUID(int=9)
HOUSEHOLD = 3
TABLES = (
    "data.household",
    "data.person",
    "keys.subject_key",
    "data.search_token",
    "data.person_external_id",
    "data.access_entry",
    "data.timeline_entry",
    "data.registration",
)


def measure() -> BenchmarkResult:
    """Measure the seconds at each size, and their growth over the sizes."""
    seconds: dict[int, tuple[float, float, float]] = {}
    with servers() as run:
        for size in SIZES:
            seconds[size] = asyncio.run(_measure(run, size))
    rows: list[dict[str, object]] = [
        {
            "people": size,
            "s reading and sealing": reading,
            "s writing": writing,
            "people/s": round(size / (reading + writing)),
            "s bare COPY": bare,
            "ratio": (reading + writing) / bare,
        }
        for size, (reading, writing, bare) in seconds.items()
    ]
    reading, writing, bare = seconds[SIZES[-1]]
    exponent = growth({size: each[0] + each[1] for size, each in seconds.items()})
    claims = [
        Claim(f"seconds for {SIZES[-1]:,} people", reading + writing, MAX_SECONDS, at_least=False),
        Claim("exponent of growth", exponent, MAX_EXPONENT, at_least=False),
        Claim("ours / bare COPY", (reading + writing) / bare, MAX_RATIO, at_least=False),
    ]
    return BenchmarkResult(rows, claims)


async def _measure(run: Run, size: int) -> tuple[float, float, float]:
    with (
        throwaway_database(run, "intake", service.folder / "migrations") as place,
        tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file,
    ):
        file.write(_csv(size))
        file.flush()
        settings = settings_for(run, place, "intake")
        database = Database(place.roles["app"], service="intake", country="pa")
        clerk = Principal(CLERK, AGENCY, "bench", frozenset())
        key = instance_key_of(settings)
        start = time.perf_counter()
        async with database.unit(clerk) as unit:
            sealed = await asyncio.to_thread(
                commands.read_file, key, load_pack("PA"), unit.today, Path(file.name), FileFormat.CSV, "bench"
            )
            await jobs.request_import(unit, key, sealed, dry_run=False)
        reading = time.perf_counter() - start
        worker = service.bind_jobs(settings, database, ServiceClients({}, None))  # type: ignore[arg-type]
        worker.periodic_registry.periodic_tasks.clear()
        start = time.perf_counter()
        async with worker.open_async():
            await worker.run_worker_async(wait=False, install_signal_handlers=False)
        writing = time.perf_counter() - start
        await database.close()
        return reading, writing, _copy(place, size)


def _csv(size: int) -> str:
    """Return a file of invented people, in households of three with an identifier for each."""
    generator = PeopleGenerator(seed=3)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [
            *("household", "person", "relation", "given_name", "surname", "born", "sex", "population_group"),
            *("document_kind", "document_number", "needs", "area"),
        ]
    )
    number = 0
    while number < size:
        for person in generator.family():
            if number == size:
                break
            writer.writerow(
                [
                    f"H-{number // HOUSEHOLD}",
                    f"P-{number}",
                    "child" if number % HOUSEHOLD else "head",
                    person.given_name,
                    person.surname,
                    _day(person.date_of_birth),
                    person.sex,
                    "refugee",
                    "passport",
                    f"B{number:07}",
                    "" if number % HOUSEHOLD else "LP-ND",
                    "PA110403",
                ]
            )
            number += 1
    return text.getvalue()


def _day(digits: str) -> str:
    """Return a day as files have it: 1989-03-15 for 19890315."""
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if digits else ""


def _copy(place: TestDatabase, size: int) -> float:
    """Return the seconds in which bare COPY writes the rows that were registered, which are also counted."""
    with psycopg.connect(place.admin) as admin:
        (people,) = admin.execute("SELECT count(*) FROM data.person").fetchone() or (0,)
        if people != size:
            raise RuntimeError(f"{people} people were registered, not {size}")
        admin.execute("CREATE SCHEMA bare")
        copied: list[tuple[sql.Composable, Iterable[bytes]]] = []
        for table in TABLES:
            schema, _, name = table.partition(".")
            source, target = sql.Identifier(schema, name), sql.Identifier("bare", name)
            admin.execute(
                sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING INDEXES)").format(
                    target, source
                )
            )
            with admin.cursor().copy(sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(source)) as out:
                copied.append((target, [bytes(part) for part in out]))
        start = time.perf_counter()
        for target, parts in copied:
            with admin.cursor().copy(sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(target)) as into:
                for part in parts:
                    into.write(part)
        admin.commit()
        return time.perf_counter() - start
