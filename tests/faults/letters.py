"""A service for the fault rounds: a POST writes many events; a reaction leaves one row for each."""

from __future__ import annotations

import sys
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel
from solidary.language.events import Event
from solidary.platform.database import AgencyEntity, UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.messaging import reacts_to
from solidary.platform.service import Service
from solidary.platform.web import agency
from sqlalchemy import text

router = APIRouter(tags=["batches"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK)]


class LetterStamped(Event, name="market.letter.stamped", key="letter_id"):
    """An event of the fault rounds."""

    letter_id: UUID


class Batch(AgencyEntity):
    __tablename__ = "batch"


class BatchIn(BaseModel):
    id: UUID
    letters: list[UUID]


@router.post("/batches", status_code=201)
async def stamp(unit: Desk, body: BatchIn, response: Response) -> UUID:
    unit.add(Batch(id=body.id, root=body.id))
    for letter in body.letters:
        unit.publish(LetterStamped(letter_id=letter))
    response.headers["Location"] = f"/batches/{body.id}"
    return body.id


@router.get("/batches/{batch_id}")
async def read(unit: Desk, batch_id: UUID) -> UUID:
    return (await unit.get(Batch, batch_id)).id


EFFECT = text(
    "INSERT INTO data.effect (agency, root, event_id, sequence) VALUES (:agency, :root, :event_id, :sequence)"
)


@reacts_to(LetterStamped)
async def leave_effect(unit: UnitOfWork, event: LetterStamped) -> None:
    envelope = unit.envelope
    await unit.act_for(envelope.agency)
    values = {"agency": envelope.agency, "root": event.letter_id}
    await unit.session.execute(EFFECT, values | {"event_id": envelope.id, "sequence": envelope.sequence})


service = Service(name="market", about="Fault rounds", routers=[router], reactions=[sys.modules[__name__]])
