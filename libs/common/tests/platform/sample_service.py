"""A small service for the tests: samples are created, and a reaction or a projection counts their events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, FastAPI
from solidary.language.events import Audience, Envelope, Event
from solidary.language.problems import Problem
from solidary.platform.database import Aggregate, UnitOfWork
from solidary.platform.messaging import Subscriber, projects, reacts_to
from solidary.platform.web.application import application
from solidary_testing.servers import TestDatabase, settings_for
from sqlalchemy import text
from sqlalchemy.orm import Mapped
from stack.run_file import Run


class SampleCreated(Event, name="market.sample.created", key="sample_id", audience=Audience.COUNTS):
    """A sample was created. The reaction refuses a negative `number`."""

    sample_id: UUID
    number: int = 1


class Sample(Aggregate):
    """A sample with some content."""

    __tablename__ = "sample"
    __location__ = "/samples/{id}"

    content: Mapped[str]


class Refused(Exception):
    """The handler cannot handle an event."""


async def create_sample(unit: UnitOfWork, content: str) -> Sample:
    """Create a sample and publish its event."""
    sample = Sample(content=content)
    unit.add(sample)
    await unit.flush()
    unit.publish(SampleCreated(sample_id=sample.id), about=sample)
    return sample


COUNT_EVENTS = text(
    """
    INSERT INTO data.sample_count AS c (agency, root, events, last_sequence)
    VALUES (:agency, :root, 1, :sequence)
    ON CONFLICT (agency, root) DO UPDATE SET events = c.events + 1, last_sequence = excluded.last_sequence,
        gaps = c.gaps + (c.last_sequence + 1 <> excluded.last_sequence)::int
    """
)


@reacts_to(SampleCreated)
async def count_event(unit: UnitOfWork, event: SampleCreated) -> None:
    """Count one event."""
    if event.number < 0:
        raise Refused
    await unit.act_for(unit.envelope.agency)
    values = {"agency": unit.envelope.agency, "root": event.sample_id, "sequence": unit.envelope.sequence}
    await unit.session.execute(COUNT_EVENTS, values)


@projects(SampleCreated)
async def count_events(unit: UnitOfWork, envelopes: Sequence[Envelope]) -> None:
    """Count the events of a batch."""
    for agency in {envelope.agency for envelope in envelopes}:
        await unit.act_for(agency)
        await unit.session.execute(
            COUNT_EVENTS,
            [
                {"agency": agency, "root": UUID(envelope.subject), "sequence": envelope.sequence}
                for envelope in envelopes
                if envelope.agency == agency
            ],
        )


REACTIONS = Subscriber("reactions", reactions={SampleCreated: [count_event]})
PROJECTION = Subscriber(
    "count", projections={SampleCreated: [count_events]}, tables={"data.sample_count": "root"}
)


def sample_application(
    run: Run,
    database: TestDatabase,
    router: APIRouter | None,
    constraint_problems: Mapping[str, type[Problem]] | None = None,
    service: str = "market",
    **changes: Any,
) -> FastAPI:
    """Return the sample service's API with these routes; `changes` are settings."""
    return application(
        service=service,
        title="Samples",
        description="",
        version="0",
        routers=[router] if router else [],
        constraint_problems=constraint_problems or {},
        settings=settings_for(run, database, "market", **changes),
    )
