from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from solidary.platform.database import Database
from solidary.platform.identity import Duty, Principal
from solidary.platform.messaging import Subscriber
from solidary.platform.messaging.consumer import Consumer
from solidary.platform.messaging.relay import Relay
from solidary_testing.servers import TestDatabase, kafka_as_admin, throwaway_database, throwaway_topics
from solidary_testing.statements import record_event_units
from sqlalchemy import event
from stack.run_file import Run

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


@pytest.fixture(scope="module")
def sample_database(run: Run) -> Iterator[TestDatabase]:
    with throwaway_database(run, "market", HERE / "revisions") as database:
        yield database


@pytest.fixture
async def database(sample_database: TestDatabase, country: str) -> AsyncIterator[Database]:
    """Open the database with a country of its own, so that its consumers share no group with a running platform."""
    opened = Database(sample_database.roles["app"], service="market", country=country)
    yield opened
    await opened.close()


@pytest.fixture
def member() -> Callable[[], Principal]:
    """Return a function that returns a new person of a new agency at each call."""

    def one(agency: UUID | None = None) -> Principal:
        agency = agency or uuid4()
        return Principal(uuid4(), agency, str(agency), frozenset({Duty.FRONT_DESK}))

    return one


@pytest.fixture
def service() -> Principal:
    return Principal(uuid4(), UUID(int=0), "", frozenset(), "market")


@pytest.fixture(scope="module")
def country(run: Run) -> Iterator[str]:
    with throwaway_topics(run, "market.counts") as code:
        yield code


@pytest.fixture
def relay(run, sample_database, country):
    def make(**deadlines: float) -> Relay:
        url, kafka = sample_database.roles["relay"], kafka_as_admin(run)
        return Relay(url, kafka, country=country, service="market", **deadlines)

    return make


@pytest.fixture
def consumer(run, database, service, country, monkeypatch):
    """Return a function that makes a consumer, which tries a failed event again without a pause."""
    monkeypatch.setattr("solidary.platform.messaging.consumer.BACKOFF_SECONDS", (0.0, 0.0, 0.0))

    def make(subscriber: Subscriber, used: Database = database) -> Consumer:
        return Consumer(
            subscriber, used, kafka_as_admin(run), principal=service, topics=[f"{country}.market.counts"]
        )

    return make


@pytest.fixture
async def admin(sample_database):
    """Connect to the database as its administrator."""
    async with await psycopg.AsyncConnection.connect(sample_database.admin, autocommit=True) as connection:
        yield connection


@pytest.fixture
def short_timeouts(monkeypatch):
    """Set the statement timeout to a fifth of a second."""
    monkeypatch.setattr("solidary.platform.database.engine.STATEMENT_SECONDS", 0.2)


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """Return the beginnings of the statements that are sent to the database, in a list that grows."""
    seen: list[str] = []

    def add(statement: str) -> None:
        seen.append(statement.split("(")[0].strip())

    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda connection, cursor, statement, *rest: add(statement),
    )
    stop = record_event_units(lambda unit, statement, values: add(statement))
    yield seen
    stop()
