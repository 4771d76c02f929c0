"""Fixtures on the real servers (a pytest plugin: `pytest_plugins = ["solidary_testing.servers"]`).

A test run has servers of its own, beside those of `make run`, which end with it; where tests run in parallel
(pytest-xdist), each worker has its own. They are processes of this machine, or containers where
SOLIDARY_TEST_SERVERS=containers (docs/operating/stack.md).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import psycopg
import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from fastapi import FastAPI
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from solidary.platform.database.migrations import migrate
from solidary.platform.messaging import KafkaSettings
from solidary.platform.settings import Settings
from stack import Stack, StackError
from stack.checkout import state_folder
from stack.provision.databases import provision_database
from stack.run_file import Run

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

    With `forbid_scans` it fails at the end where a statement of the module scans a table (`solidary_testing.plans`).
    """
    name = f"{service}_test_{secrets.token_hex(4)}"
    urls = run.databases[service]
    passwords: Any = {role: conninfo_to_dict(url)["password"] for role, url in urls.items()}
    provision_database(run.postgres.admin, service, name, passwords)
    roles = {str(role): url.rsplit("/", 1)[0] + f"/{name}" for role, url in urls.items()}
    try:
        migrate(roles["migrate"], service, *([revisions] if revisions else []))
        admin_url = make_conninfo(run.postgres.admin, dbname=name)
        yield TestDatabase(name, admin_url, roles)
        if forbid_scans:
            assert_no_scans(name, admin_url, f"{service}_app")
    finally:
        with psycopg.connect(run.postgres.admin, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def throwaway_topics(
    run: Run, *streams: str, partitions: int = 12, config: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Create topics (`intake.cases`) of a country that exists for one test, and yield its code.

    `config`: settings of the topics.
    """
    admin = AdminClient(
        {
            "bootstrap.servers": run.kafka.bootstrap,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-256",
            "sasl.username": run.kafka.admin.username,
            "sasl.password": run.kafka.admin.password,
        }
    )
    taken = {topic.partition(".")[0] for topic in admin.list_topics(timeout=30).topics}
    country = secrets.choice([code for code in UNASSIGNED_COUNTRIES if code not in taken])
    topics = [f"{country}.{stream}" for stream in streams]
    for made in admin.create_topics(
        [NewTopic(topic, partitions, 1, config=dict(config or {})) for topic in topics]
    ).values():
        made.result(30)
    try:
        yield country
    finally:
        for gone in admin.delete_topics(topics).values():
            gone.result(30)


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
    return KafkaSettings(run.kafka.bootstrap, run.kafka.admin.username, run.kafka.admin.password)
