"""A small service: letters are written, and tallied by whoever hears of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, FastAPI
from solidary.language.events import Envelope, Event
from solidary.language.problems import Problem
from solidary.platform.database import AgencyEntity, UnitOfWork
from solidary.platform.messaging import Subscriber, projects, reacts_to
from solidary.platform.web.application import application
from solidary_testing.servers import TestDatabase, settings_for
from sqlalchemy import text
from sqlalchemy.orm import Mapped
from stack.run_file import Run


class LetterWritten(Event, name="market.letter.written", key="letter_id"):
    """A letter of the toy service was written."""

    letter_id: UUID
    number: int = 1


class Letter(AgencyEntity):
    __tablename__ = "letter"

    words: Mapped[str]


class Refused(Exception):
    """What a handler that cannot handle an event raises."""


async def write_letter(unit: UnitOfWork, words: str) -> Letter:
    id_ = uuid4()
    letter = Letter(id=id_, root=id_, words=words)
    unit.add(letter)
    await unit.flush()
    unit.publish(LetterWritten(letter_id=letter.id), about=letter)
    return letter


TALLY = text(
    """
    INSERT INTO data.tally AS t (agency, root, letters, last_sequence)
    VALUES (:agency, :root, 1, :sequence)
    ON CONFLICT (agency, root) DO UPDATE SET letters = t.letters + 1, last_sequence = excluded.last_sequence,
        disorder = t.disorder + (t.last_sequence + 1 <> excluded.last_sequence)::int
    """
)


@reacts_to(LetterWritten)
async def tally(unit: UnitOfWork, event: LetterWritten) -> None:
    if event.number < 0:
        raise Refused
    await unit.act_for(unit.envelope.agency)
    values = {"agency": unit.envelope.agency, "root": event.letter_id, "sequence": unit.envelope.sequence}
    await unit.session.execute(TALLY, values)


@projects(LetterWritten)
async def count(unit: UnitOfWork, envelopes: Sequence[Envelope]) -> None:
    for agency in {envelope.agency for envelope in envelopes}:
        await unit.act_for(agency)
        await unit.session.execute(
            TALLY,
            [
                {"agency": agency, "root": UUID(envelope.subject), "sequence": envelope.sequence}
                for envelope in envelopes
                if envelope.agency == agency
            ],
        )


REACTIONS = Subscriber("reactions", reactions={LetterWritten: [tally]})
PROJECTION = Subscriber("count", projections={LetterWritten: [count]}, tables=("data.tally",))


def served(
    run: Run,
    place: TestDatabase,
    router: APIRouter | None,
    constraint_problems: Mapping[str, type[Problem]] | None = None,
    **changes: Any,
) -> FastAPI:
    """The toy's API with these routes; `changes` of its settings."""
    return application(
        service="market",
        title="Toy",
        description="",
        version="0",
        routers=[router] if router else [],
        constraint_problems=constraint_problems or {},
        settings=settings_for(run, place, "market", **changes),
    )
