"""An instance of the release before becomes one of this release, with its data in place and its desks at work.

The rows are those of the scenario, as far as the tables of the release before have their columns. The code of that
release comes from the repository's history; where a checkout lacks it (a shallow clone), no desk works beside.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from operations.backup.programs import output_of
from psycopg import sql
from solidary.platform.database.migrations import migrate
from solidary.platform.identity import Duty
from solidary.platform.registry import load_service
from solidary_testing import eventually
from solidary_testing.servers import TestDatabase, empty_database, throwaway_database
from solidary_testing.tokens import Tokens
from stack.ports import HOST, find_free_port
from stack.run_file import Run

from tests.conftest import ScenarioRun

COMMIT = "51682dafa64de0908036ccf38a37aaa24c4dd9d7"
"""The release before: the tag v0.2.0, by its commit, because a clone may have no tags."""
RELEASED = {name: f"{name}_0001" for name in ("cash", "intake", "market", "planning", "referrals")}
"""The newest revision of each service in that release; with it goes machinery_0001."""
TABLES = """SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname IN ('data', 'published', 'keys') ORDER BY 1, 2"""
COLUMNS = """SELECT column_name FROM information_schema.columns
    WHERE table_schema = %s AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position"""

SEQUENCE = "SELECT pg_get_serial_sequence(%s, %s)"
HOLD = """CREATE FUNCTION machinery.hold_revision() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM set_config('application_name', NEW.version_num, false), pg_sleep(600);
    RETURN NEW;
END $$"""
"""A function that keeps a revision from its end, and shows which one that is."""
HOLD_TRIGGER = """CREATE TRIGGER hold BEFORE INSERT OR UPDATE ON machinery.revision FOR EACH ROW
    WHEN (NEW.version_num <> ALL ({}::text[])) EXECUTE FUNCTION machinery.hold_revision()"""
HELD = """SELECT pid, application_name FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event = 'PgSleep'"""

Rows = dict[tuple[str, str], tuple[int, str]]


@contextmanager
def released(run: Run, service: str) -> Iterator[TestDatabase]:
    """Yield a database of the release before, with rows of the scenario."""
    with empty_database(run, service) as database:
        migrate(database.roles["migrate"], service, folder(service), to=RELEASED[service])
        fill(database, run.databases[service]["backup"])
        yield database


def folder(service: str) -> Path:
    return load_service(service).folder / "migrations"


def fill(database: TestDatabase, source: str) -> None:
    """Copy the scenario's rows into the columns that both releases have, past triggers and foreign keys.

    Tables that a revision has filled have their rows.
    """
    with psycopg.connect(source) as scenario, psycopg.connect(database.admin) as target:
        target.execute("SET session_replication_role = replica")
        present = set(scenario.execute(TABLES).fetchall())
        for table in target.execute(TABLES).fetchall():
            filled = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(*table))
            if table in present and target.execute(filled).fetchone() == (False,):
                names = [name for name in columns(target, table) if name in columns(scenario, table)]
                copy(scenario, target, table, names)


def columns(connection: psycopg.Connection[Any], table: tuple[str, str]) -> list[str]:
    return [name for (name,) in connection.execute(COLUMNS, table)]


def copy(
    source: psycopg.Connection[Any], target: psycopg.Connection[Any], table: tuple[str, str], names: list[str]
) -> None:
    parts = {
        "table": sql.Identifier(*table),
        "names": sql.SQL(", ").join(map(sql.Identifier, names)),
    }
    read = sql.SQL("COPY (SELECT {names} FROM {table}) TO STDOUT").format(**parts)
    write = sql.SQL("COPY {table} ({names}) FROM STDIN").format(**parts)
    with source.cursor().copy(read) as lines, target.cursor().copy(write) as written:
        for line in lines:
            written.write(line)
    for name in names:
        (sequence,) = target.execute(SEQUENCE, (".".join(table), name)).fetchone() or (None,)
        if sequence is not None:
            # New rows are numbered on behind the copied ones.
            newest = sql.SQL("SELECT setval({}, max({})) FROM {}")
            target.execute(newest.format(sql.Literal(sequence), sql.Identifier(name), parts["table"]))


def rows_in(database: TestDatabase, of: Mapping[tuple[str, str], list[str]]) -> Rows:
    """Return the number and a checksum of the rows of each table, by the given columns."""
    found: Rows = {}
    with psycopg.connect(database.admin) as connection:
        for table, names in of.items():
            query = sql.SQL(
                "SELECT count(*), coalesce(md5(string_agg(r::text, E'\\n' ORDER BY r::text)), '') "
                "FROM (SELECT {names} FROM {table}) AS r"
            ).format(names=sql.SQL(", ").join(map(sql.Identifier, names)), table=sql.Identifier(*table))
            row = connection.execute(query).fetchone()
            assert row is not None
            found[table] = row
    return found


def table_columns(database: TestDatabase) -> dict[tuple[str, str], list[str]]:
    with psycopg.connect(database.admin) as connection:
        return {table: columns(connection, table) for table in connection.execute(TABLES).fetchall()}


def schema_of(database: TestDatabase) -> list[str]:
    """Return the lines of the database's definition."""
    with output_of("pg_dump", database.admin, "--schema-only") as output:
        lines = output.read().decode().splitlines()
    return [line for line in lines if not line.startswith(("\\restrict", "\\unrestrict"))]


@pytest.mark.parametrize("service", RELEASED)
def test_rows_of_the_release_before_are_there_after_the_upgrade(
    scenario_run: ScenarioRun, service: str
) -> None:
    with released(scenario_run.run, service) as database:
        old = table_columns(database)
        before = rows_in(database, old)
        assert sum(count for count, _ in before.values()) > 0
        migrate(database.roles["migrate"], service, folder(service))
        new = table_columns(database)
        kept = {
            table: [name for name in names if name in new[table]]
            for table, names in old.items()
            if table in new
        }
        changed = {table for table in kept if kept[table] != old[table]}
        after = rows_in(database, kept)
        assert {table: after[table] for table in kept.keys() - changed} == {
            table: before[table] for table in kept.keys() - changed
        }
        assert {table: after[table][0] for table in changed} == {table: before[table][0] for table in changed}
        with throwaway_database(scenario_run.run, service, folder(service)) as fresh:
            assert schema_of(database) == schema_of(fresh), "an upgraded instance is as a new one"


@pytest.fixture(scope="module")
def old_sources(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """The code of the release before, or None where this checkout has no history."""
    command = ["git", "archive", COMMIT, "libs", "services", "infra"]
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    if done.returncode != 0:
        return None
    target = tmp_path_factory.mktemp("release")
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(target, filter="data")
    return target


class Process:
    """Intake's API as a process, of this release or of the one before, on one database."""

    def __init__(self, run: Run, database: TestDatabase, sources: Path | None = None) -> None:
        port = find_free_port(set())
        environment = environment_of(run, database, "api")
        if sources is not None:
            paths = sorted(str(path) for path in sources.glob("*/*/src"))
            environment["PYTHONPATH"] = os.pathsep.join(paths)
        self.url = f"http://{HOST}:{port}"
        self._process = start(environment, "api", "--port", str(port))

    async def is_ready(self) -> bool:
        assert self._process.poll() is None, "the API ended"
        try:
            async with httpx.AsyncClient(base_url=self.url) as client:
                return (await client.get("/health/ready")).status_code == 200
        except httpx.TransportError:
            return False

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(30)


def environment_of(run: Run, database: TestDatabase, process: Any) -> dict[str, str]:
    """Return the environment of a process of intake on a database of the test."""
    found = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "SOLIDARY_RATE_LIMIT": "100000/minute",
    }
    found |= run.environment("intake", process)
    del found["SOLIDARY_TELEMETRY_DIR"]  # it is the scenario's
    replaced = {
        name: database.roles[role]
        for role in database.roles
        if (name := f"SOLIDARY_DATABASE_{role.upper()}") in found
    }
    return found | replaced


def start(environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    """Start a command of intake."""
    return subprocess.Popen([sys.executable, "-m", "intake", *arguments], env=environment)


class Desk:
    """A desk that registers one household after the other, at the API that is there."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self.url = url
        self.registered: dict[str, str] = {}
        """The names of the people that were registered, by id."""
        self.refused: list[str] = []
        self._headers = headers
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Desk:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    async def has_registered(self, count: int) -> bool:
        return len(self.registered) >= count or bool(self.refused)

    def _work(self) -> None:
        with httpx.Client(headers=dict(self._headers), timeout=60) as client:
            while not self._ended.wait(0.05):
                self._register(client)

    def _register(self, client: httpx.Client) -> None:
        name = f"Xochiquetzal{len(self.registered)}"
        member = {
            "given_name": name,
            "surname": "Actualizable",
            "relation": "head",
            "sex": "female",
            "population_group": "migrant",
            "born": "1990-05-06",
        }
        body = {"household": {"area": "PA110403"}, "members": [member]}
        answer = client.put(f"{self.url}/registrations/{uuid4()}", json=body)
        if answer.status_code == 201:
            self.registered[answer.json()["members"][0]["person_id"]] = name
        else:
            self.refused.append(answer.text)


async def test_migrations_that_are_killed_are_continued_while_a_desk_works(
    scenario_run: ScenarioRun, tokens: Tokens, old_sources: Path | None
) -> None:
    headers = tokens.of("unhcr", Duty.FRONT_DESK)
    with released(scenario_run.run, "intake") as database:
        old = Process(scenario_run.run, database, old_sources) if old_sources else None
        if old is not None:
            await eventually(old.is_ready, what="intake of the release before answers")
            with Desk(old.url, headers) as desk:
                await eventually(lambda: desk.has_registered(1), what="a registration before the upgrade")
                await kill_at_each_revision(scenario_run.run, database)
                migrated = len(desk.registered)
                await eventually(
                    lambda: desk.has_registered(migrated + 2), what="registrations of old code, migrated"
                )
            assert desk.refused == []
        else:
            await kill_at_each_revision(scenario_run.run, database)
        new = Process(scenario_run.run, database)
        await eventually(new.is_ready, what="intake of this release answers")
        if old is not None:
            old.end()
        registered = desk.registered if old is not None else {}
        with Desk(new.url, headers) as desk:
            await eventually(lambda: desk.has_registered(2), what="registrations of this release")
        assert desk.refused == []
        async with httpx.AsyncClient(base_url=new.url, headers=headers, timeout=30) as client:
            for person, name in registered.items():
                answer = await client.get(f"/people/{person}")
                assert answer.status_code == 200, answer.text
                assert name in answer.text
        new.end()


async def kill_at_each_revision(run: Run, database: TestDatabase) -> None:
    """Migrate by the real command, again and again: it is killed in the middle of each revision, once."""
    environment = environment_of(run, database, "migrate")
    killed: list[str] = []
    while revision := await killed_revision(environment, database, killed):
        assert revision not in applied(database), "a killed revision leaves nothing"
        killed.append(revision)
    assert len(killed) >= 4
    assert set(killed[-1:]) <= applied(database)


async def killed_revision(
    environment: dict[str, str], database: TestDatabase, before: list[str]
) -> str | None:
    """Kill a migration in the first revision that was not killed before; return that, or None where it ended well."""
    with psycopg.connect(database.admin, autocommit=True) as admin:
        admin.execute(HOLD)
        admin.execute(sql.SQL(HOLD_TRIGGER).format(sql.Literal(before)))
        process = start(environment, "migrate")

        async def held_or_ended() -> bool:
            return admin.execute(HELD).fetchone() is not None or process.poll() is not None

        try:
            await eventually(held_or_ended, what="a revision is about to be committed")
            held = admin.execute(HELD).fetchone()
            if held is None:
                assert process.wait() == 0
                return None
            process.kill()
            process.wait()
            # The server would notice at its next word to the client.
            admin.execute("SELECT pg_terminate_backend(%s)", [held[0]])
            return str(held[1])
        finally:
            process.kill()
            admin.execute("DROP FUNCTION machinery.hold_revision CASCADE")


def applied(database: TestDatabase) -> set[str]:
    with psycopg.connect(database.admin) as connection:
        return {row[0] for row in connection.execute("SELECT version_num FROM machinery.revision")}
