"""Fixtures for the tests of one service (a pytest plugin).

A service's `conftest.py` defines one fixture, `service`, that returns the `Service`; the fixtures here then give its
database, its API and its consumers on the real servers.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from solidary.language.events import Envelope, Event, encode
from solidary.language.notices import NOTICE_TYPE
from solidary.platform.database import Database
from solidary.platform.messaging.consumer import Consumer
from solidary.platform.messaging.record import Record
from solidary.platform.service import Service
from stack.run_file import Run

from solidary_testing.servers import (
    TestDatabase,
    api_client,
    kafka_as_admin,
    settings_for,
    throwaway_database,
)
from solidary_testing.tokens import Tokens

Consume = Callable[..., Awaitable[None]]
Published = Callable[..., Awaitable[list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def service_database(run: Run, service: Service) -> Iterator[TestDatabase]:
    """A migrated throw-away database of the service, dropped after the module."""
    with throwaway_database(run, service.name, service.folder / "migrations", forbid_scans=True) as database:
        yield database


@pytest.fixture
async def api(run: Run, service: Service, service_database: TestDatabase) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service's API, which runs in this process."""
    settings = settings_for(run, service_database, service.name)
    async with api_client(service.application(settings)) as client:
        yield client


@pytest.fixture
async def database(service: Service, service_database: TestDatabase) -> AsyncIterator[Database]:
    """The service's database in its app role."""
    opened = Database(service_database.roles["app"], service=service.name, country="pa")
    yield opened
    await opened.close()


@pytest.fixture
def consume(run: Run, service: Service, database: Database) -> Consume:
    """Consume an event as the service's worker does when it arrives from Kafka.

    `consume(event, agency)`: each subscriber of the event handles it; `agency` owns it.
    """

    async def consume(event: Event, agency: UUID) -> None:
        envelope = Envelope(
            uuid4(),
            event.type,
            f"/pa/{event.service}",
            event.key,
            datetime.now(UTC),
            agency,
            1,
            None,
            event,
        )
        key, headers, value = encode(envelope)
        record = Record(key.decode(), str(envelope.id), tuple(headers), value)
        for subscriber in service.subscribers:
            if type(event) in subscriber.events:
                consumer = Consumer(
                    subscriber, database, kafka_as_admin(run), principal=service.principal, topics=[]
                )
                await consumer.handle_batch([record])

    return consume


@pytest.fixture
def published(service_database: TestDatabase, tokens: Tokens) -> Published:
    """Return the published events of one type that concern an agency, as their fields."""

    async def published(type_: type[Event], agency: str) -> list[dict[str, Any]]:
        found = notices_for(service_database, tokens.agency(agency))
        return [notice["data"] for notice in found if notice["type"] == type_.type]

    return published


def notices_for(database: TestDatabase, agency: UUID) -> list[dict[str, Any]]:
    """Return the notices that concern an agency, in order: type, subject, data and the agencies concerned.

    No relay may send those of this database meanwhile.
    """
    with psycopg.connect(database.admin) as admin:
        rows = admin.execute(
            """SELECT payload, aggregateid FROM machinery.outbox
            WHERE type = %s AND payload::jsonb -> 'agencies' ? %s ORDER BY position""",
            (NOTICE_TYPE, str(agency)),
        ).fetchall()
    return [{**json.loads(payload), "subject": subject} for payload, subject in rows]
