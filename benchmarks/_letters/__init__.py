"""A service to measure the machinery with: letters are posted, and tallied per aggregate by a projection."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Response
from pydantic import BaseModel
from solidary.language.events import Envelope, Event
from solidary.platform.database import AgencyEntity, UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.messaging import projects
from solidary.platform.service import Service
from solidary.platform.web import agency
from sqlalchemy import text
from sqlalchemy.orm import Mapped

REVISIONS = Path(__file__).parent / "revisions"
TABLES = ("data.tally",)
AGENCY = UUID(int=7)
EVENT_BYTES = 400

router = APIRouter(tags=["letters"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK)]


class LetterPosted(Event, name="market.letter.posted", key="letter_id"):
    """An event of the benchmarks; `number` counts a letter's events from 1."""

    letter_id: UUID
    number: int
    words: str


class Letter(AgencyEntity):
    __tablename__ = "letter"

    words: Mapped[str]


class LetterIn(BaseModel):
    words: str


class LetterOut(BaseModel):
    id: UUID
    words: str


@router.post("/letters", status_code=201)
async def post(unit: Desk, body: LetterIn, response: Response) -> LetterOut:
    """A command: one row, one event."""
    letter = Letter(id=(id_ := uuid4()), root=id_, words=body.words)
    unit.add(letter)
    unit.publish(LetterPosted(letter_id=id_, number=1, words=body.words))
    response.headers["Location"] = f"/letters/{id_}"
    return LetterOut(id=id_, words=body.words)


TALLY = text(
    """
    INSERT INTO data.tally AS t (agency, root, letters)
    SELECT :agency, root, letters FROM unnest(CAST(:roots AS uuid[]), CAST(:letters AS bigint[]))
        AS counted(root, letters)
    ORDER BY root
    ON CONFLICT (agency, root) DO UPDATE SET letters = t.letters + excluded.letters
    """
)


@projects(LetterPosted)
async def tally(unit: UnitOfWork, envelopes: Sequence[Envelope]) -> None:
    """A simple projection: one statement for a batch."""
    for agency_ in {envelope.agency for envelope in envelopes}:
        await unit.act_for(agency_)
        counted = Counter(envelope.subject for envelope in envelopes if envelope.agency == agency_)
        values = {"agency": agency_, "roots": list(counted), "letters": list(counted.values())}
        await unit.session.execute(TALLY, values)


service = Service(name="market", about="Benchmarks", routers=[router], projections=[sys.modules[__name__]])
