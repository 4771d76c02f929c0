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
from sqlalchemy import event
from stack.run_file import Run

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


@pytest.fixture(scope="module")
def place(run: Run) -> Iterator[TestDatabase]:
    with throwaway_database(run, "market", HERE / "revisions") as database:
        yield database


@pytest.fixture
async def database(place: TestDatabase, country: str) -> AsyncIterator[Database]:
    """Of a country of its own: else its consumers would share their groups with a platform that runs beside."""
    opened = Database(place.roles["app"], service="market", country=country)
    yield opened
    await opened.close()


@pytest.fixture
def member() -> Callable[[], Principal]:
    """A new person of a new agency at each call."""

    def one(agency: UUID | None = None) -> Principal:
        agency = agency or uuid4()
        return Principal(uuid4(), agency, str(agency), frozenset({Duty.FRONT_DESK}))

    return one


@pytest.fixture
def service() -> Principal:
    return Principal(uuid4(), UUID(int=0), "", frozenset(), "market")


@pytest.fixture(scope="module")
def country(run: Run) -> Iterator[str]:
    with throwaway_topics(run, "market") as code:
        yield code


@pytest.fixture
def relay(run, place, country):
    def make(**patience: float) -> Relay:
        where = {"topic": f"{country}.market", "source": f"/{country}/market"}
        return Relay(place.roles["relay"], kafka_as_admin(run), **where, **patience)

    return make


@pytest.fixture
def consumer(run, database, service, country):
    def make(subscriber: Subscriber, reading: Database = database) -> Consumer:
        return Consumer(
            subscriber, reading, kafka_as_admin(run), principal=service, topics=[f"{country}.market"]
        )

    return make


@pytest.fixture
async def admin(place):
    """The database as its master."""
    async with await psycopg.AsyncConnection.connect(place.admin, autocommit=True) as connection:
        yield connection


@pytest.fixture
def hasty(monkeypatch):
    """Statements may take a fifth of a second."""
    monkeypatch.setattr("solidary.platform.database.engine.STATEMENT_SECONDS", 0.2)


@pytest.fixture
def statements(database: Database) -> list[str]:
    """The beginnings of the statements that the database is sent, as they go."""
    seen: list[str] = []
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda connection, cursor, statement, *rest: seen.append(statement.split("(")[0].strip()),
    )
    return seen
