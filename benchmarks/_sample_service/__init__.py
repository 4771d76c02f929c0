"""A service for measuring the platform: samples are recorded, and a projection counts them by aggregate."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Response
from pydantic import BaseModel
from solidary.language.events import Audience, Envelope, Event
from solidary.platform.database import AgencyEntity, UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.messaging import projects
from solidary.platform.service import Service
from solidary.platform.web import agency
from sqlalchemy.orm import Mapped

REVISIONS = Path(__file__).parent / "revisions"
AGENCY = UUID(int=7)
EVENT_BYTES = 400

router = APIRouter(tags=["samples"])
FrontDesk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK)]


class SampleRecorded(Event, name="market.sample.recorded", key="sample_id", audience=Audience.COUNTS):
    """An event of the benchmarks. `number` counts the events of a sample from 1."""

    sample_id: UUID
    number: int
    content: str


class Sample(AgencyEntity):
    """A recorded sample."""

    __tablename__ = "sample"

    content: Mapped[str]


class SampleIn(BaseModel):
    """A sample to record."""

    content: str


class SampleOut(BaseModel):
    """A recorded sample."""

    id: UUID
    content: str


@router.post("/samples", status_code=201)
async def record_sample(unit: FrontDesk, body: SampleIn, response: Response) -> SampleOut:
    """Record a sample: one row and one event."""
    sample = Sample(id=(id_ := uuid4()), root=id_, content=body.content)
    unit.add(sample)
    unit.publish(SampleRecorded(sample_id=id_, number=1, content=body.content))
    response.headers["Location"] = f"/samples/{id_}"
    return SampleOut(id=id_, content=body.content)


COUNT_SAMPLES = """
    INSERT INTO data.sample_count AS t (agency, root, events)
    SELECT %(agency)s, root, events FROM unnest(%(roots)s::uuid[], %(events)s::bigint[]) AS counted(root, events)
    ORDER BY root
    ON CONFLICT (agency, root) DO UPDATE SET events = t.events + excluded.events
"""


@projects(SampleRecorded)
async def count_samples(unit: UnitOfWork, envelopes: Sequence[Envelope]) -> None:
    """Count the events of a batch by aggregate, in one statement."""
    for agency_ in {envelope.agency for envelope in envelopes}:
        await unit.act_for(agency_)
        counted = Counter(envelope.subject for envelope in envelopes if envelope.agency == agency_)
        values = {"agency": agency_, "roots": list(counted), "events": list(counted.values())}
        await unit.execute(COUNT_SAMPLES, values)


service = Service(
    name="market", description="Benchmarks", routers=[router], projections=[sys.modules[__name__]]
)
