"""The service of the fault rounds: a POST publishes many events, and a reaction writes one row for each of them."""

from __future__ import annotations

import sys
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel
from solidary.language.events import Audience, Event
from solidary.platform.database import AgencyEntity, UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.messaging import reacts_to
from solidary.platform.service import Service
from solidary.platform.web import agency
from sqlalchemy import text

router = APIRouter(tags=["batches"])
FrontDesk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK)]


class SampleRecorded(Event, name="market.sample.recorded", key="sample_id", audience=Audience.COUNTS):
    """An event of the fault rounds."""

    sample_id: UUID


class Batch(AgencyEntity):
    """A batch of events that were published in one transaction."""

    __tablename__ = "batch"


class BatchIn(BaseModel):
    """A batch to publish: the aggregates of its events."""

    id: UUID
    samples: list[UUID]


@router.post("/batches", status_code=201)
async def record_batch(unit: FrontDesk, body: BatchIn, response: Response) -> UUID:
    """Publish an event for each aggregate of a batch."""
    unit.add(Batch(id=body.id, root=body.id))
    for sample in body.samples:
        unit.publish(SampleRecorded(sample_id=sample))
    response.headers["Location"] = f"/batches/{body.id}"
    return body.id


@router.get("/batches/{batch_id}")
async def read_batch(unit: FrontDesk, batch_id: UUID) -> UUID:
    """Read a batch."""
    return (await unit.get(Batch, batch_id)).id


INSERT_EFFECT = text(
    "INSERT INTO data.effect (agency, root, event_id, sequence) VALUES (:agency, :root, :event_id, :sequence)"
)


@reacts_to(SampleRecorded)
async def record_effect(unit: UnitOfWork, event: SampleRecorded) -> None:
    """Write a row for an event."""
    envelope = unit.envelope
    await unit.act_for(envelope.agency)
    values = {"agency": envelope.agency, "root": event.sample_id}
    await unit.session.execute(
        INSERT_EFFECT, values | {"event_id": envelope.id, "sequence": envelope.sequence}
    )


service = Service(
    name="market", description="Fault rounds", routers=[router], reactions=[sys.modules[__name__]]
)
