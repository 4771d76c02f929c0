"""Fixtures on the real servers (a pytest plugin: `pytest_plugins = ["solidary_testing.servers"]`).

A test run has servers of its own, beside those of `make run`, which end with it; where tests run in parallel
(pytest-xdist), each worker has its own. They are processes of this machine, or containers where
SOLIDARY_TEST_SERVERS=containers (docs/operating/stack.md).
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import psycopg
import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from fastapi import FastAPI
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from solidary.language.country import FOLDER_VARIABLE, packs_folder
from solidary.language.notices import notice_stream
from solidary.platform.database.migrations import migrate
from solidary.platform.messaging import KafkaSettings
from solidary.platform.settings import Settings
from stack import Stack, StackError
from stack.checkout import state_folder
from stack.provision.databases import provision_database
from stack.provision.kafka import create_topics, delete_topics
from stack.run_file import Run
from stack.servers.kafka import connect

from solidary_testing.plans import assert_no_scans
from solidary_testing.tokens import Tokens

if TYPE_CHECKING:
    from solidary_testing.containers import Containers

Servers: TypeAlias = "Stack | Containers"

UNASSIGNED_COUNTRIES = [f"{first}{second}" for first in "xq" for second in "mnopqrstuvwxyz"]
"""Codes that ISO 3166-1 leaves to users."""


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Start the real PostgreSQL, Kafka and Keycloak, once in a run.

    SOLIDARY_KEEP_STACK=1 leaves processes running for the next run; containers always end.
    """
    servers = _servers(os.environ.get("SOLIDARY_TEST_SERVERS", "processes"))
    try:
        servers.up()
    except StackError as error:
        pytest.exit(f"the servers did not start: {error}", returncode=2)
    yield servers
    drop_templates(servers.run().postgres.admin)
    if not isinstance(servers, Stack) or os.environ.get("SOLIDARY_KEEP_STACK") != "1":
        servers.down()


def _servers(kind: str) -> Servers:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if kind == "processes":
        return Stack(state_folder() / "tests" / worker)
    if kind == "containers":
        from solidary_testing.containers import Containers

        return Containers(state_folder() / "containers" / worker)
    pytest.exit(f"SOLIDARY_TEST_SERVERS is {kind!r}; there are: processes, containers", returncode=2)


@pytest.fixture(scope="session")
def stack(servers: Servers) -> Stack:
    """Return the servers as processes of this machine, for tests that kill them or read their files."""
    if not isinstance(servers, Stack):
        pytest.skip("needs the servers as processes; SOLIDARY_TEST_SERVERS has them as containers")
    return servers


@pytest.fixture(scope="session")
def run(servers: Servers) -> Run:
    """Return the addresses and accounts of the servers."""
    return servers.run()


@pytest.fixture(scope="session")
def tokens(run: Run) -> Tokens:
    """Return a source of real tokens for any agency and any duties."""
    return Tokens(run)


@dataclass(frozen=True)
class TestDatabase:
    """A throw-away database of one service, with the roles of the real one."""

    __test__ = False
    name: str
    admin: str
    roles: dict[str, str]
    """Role (app, relay, migrate, backup) → URL."""


@contextmanager
def throwaway_database(
    run: Run, service: Any, revisions: Path | None, *, forbid_scans: bool = False
) -> Iterator[TestDatabase]:
    """Create a migrated database for one test module, dropped at its end. `revisions`: the service's own, if any.

    It is a copy of one that is migrated once in a test run. With `forbid_scans` it fails at the end where a statement
    of the module scans a table (`solidary_testing.plans`).
    """
    template = _migrated_once(run.postgres.admin, run.databases[service], service, revisions)
    database = _create_database(run.postgres.admin, run.databases[service], service, template=template)
    _admit_copy(database.admin)
    try:
        yield database
        if forbid_scans:
            assert_no_scans(database.name, database.admin, f"{service}_app")
    finally:
        _drop_database(run.postgres.admin, database.name)


@contextmanager
def empty_database(run: Run, service: Any) -> Iterator[TestDatabase]:
    """Create a database of a service without any revision, dropped at the end."""
    database = _create_database(run.postgres.admin, run.databases[service], service)
    try:
        yield database
    finally:
        _drop_database(run.postgres.admin, database.name)


def _admit_copy(admin: str) -> None:
    """Let a copy of intake's database serve, which it does not before the erasures were replayed."""
    with psycopg.connect(admin) as connection:
        if connection.execute("SELECT to_regclass('machinery.erasures_replayed')").fetchone() != (None,):
            connection.execute(
                "UPDATE machinery.erasures_replayed SET identity = machinery.database_identity()"
            )


_templates: dict[tuple[str, str, Path | None], str] = {}
"""The migrated databases of this process, by the administrator's URL, the service and its revisions."""


def _migrated_once(admin: str, urls: Mapping[Any, str], service: str, revisions: Path | None) -> str:
    """Return the name of a migrated database to which nobody can connect."""
    key = (admin, service, revisions)
    if key not in _templates:
        made = _create_database(admin, urls, service)
        migrate(made.roles["migrate"], service, *([revisions] if revisions else []))
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(made.name))
            )
            # A connection that was closed has its process for a moment longer.
            while connection.execute(
                "SELECT FROM pg_stat_activity WHERE datname = %s", [made.name]
            ).fetchone():
                time.sleep(0.01)
        _templates[key] = made.name
    return _templates[key]


def drop_templates(admin: str) -> None:
    """Drop the databases that this process migrated to copy them."""
    for key in [key for key in _templates if key[0] == admin]:
        _drop_database(admin, _templates.pop(key))


def _create_database(
    admin: str, urls: Mapping[Any, str], service: Any, *, template: str = "template1"
) -> TestDatabase:
    name = f"{service}_test_{secrets.token_hex(4)}"
    passwords: Any = {role: conninfo_to_dict(url)["password"] for role, url in urls.items()}
    provision_database(admin, service, name, passwords, template=template)
    roles = {str(role): url.rsplit("/", 1)[0] + f"/{name}" for role, url in urls.items()}
    return TestDatabase(name, make_conninfo(admin, dbname=name), roles)


def _drop_database(admin: str, name: str) -> None:
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def throwaway_topics(
    run: Run, *streams: str, partitions: int = 12, config: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Create topics (`intake.cases`) of a country that exists for one test, and yield its code.

    The notices of each service have a topic too (`intake.parties`). `config`: settings of the topics.
    """
    admin = kafka_admin(run)
    taken = {topic.partition(".")[0] for topic in admin.list_topics(timeout=30).topics}
    country = secrets.choice([code for code in UNASSIGNED_COUNTRIES if code not in taken])
    notices = {notice_stream(stream.partition(".")[0]) for stream in streams}
    topics = [f"{country}.{stream}" for stream in sorted({*streams, *notices})]
    create_topics(admin, [NewTopic(topic, partitions, 1, config=dict(config or {})) for topic in topics])
    try:
        yield country
    finally:
        delete_topics(admin, topics)


@contextmanager
def throwaway_pack(country: str) -> Iterator[dict[str, str]]:
    """Make a pack of a country of `throwaway_topics`, with Panama's rules; yield the settings of its processes."""
    with TemporaryDirectory() as folder:
        text = (packs_folder() / "PA.toml").read_text(encoding="utf-8")
        own = text.replace('code = "PA"', f'code = "{country.upper()}"', 1)
        Path(folder, f"{country.upper()}.toml").write_text(own, encoding="utf-8")
        yield {"SOLIDARY_COUNTRY": country, FOLDER_VARIABLE: folder}


def kafka_admin(run: Run) -> AdminClient:
    """Return a client of the broker's administrator."""
    return connect(run.kafka.bootstrap, run.kafka.admin.password)


def settings_for(run: Run, database: TestDatabase, service: Any, **changes: Any) -> Settings:
    """Return a service's settings on a throw-away database; the environment is not read."""
    given = {
        name.removeprefix("SOLIDARY_").lower(): value for name, value in run.environment(service).items()
    }
    roles = {f"database_{role}": database.roles[role] for role in ("app", "relay")}
    return Settings.model_validate({**given, **roles, "telemetry_dir": None, **changes})


@asynccontextmanager
async def api_client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client of an application that runs in this process."""
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


def kafka_as_admin(run: Run) -> KafkaSettings:
    """Return the broker with its administrator's account, for throw-away topics."""
    admin, keys = run.kafka.admin, (run.kafka.notice_keys,)
    return KafkaSettings(run.kafka.bootstrap, admin.username, admin.password, notice_keys=keys)
