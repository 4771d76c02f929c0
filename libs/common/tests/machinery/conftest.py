from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from solidary.database import Database
from solidary.identity import Duty, Principal
from solidary.testing.servers import TestDatabase, throwaway_database
from sqlalchemy import event
from stack.run_file import Run

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


@pytest.fixture(scope="module")
def place(run: Run) -> Iterator[TestDatabase]:
    with throwaway_database(run, "market", HERE / "revisions") as database:
        yield database


@pytest.fixture
async def database(place: TestDatabase) -> AsyncIterator[Database]:
    opened = Database(place.roles["app"], service="market", country="pa")
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
