"""The routes of visits."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency, created

from intake.desk.visits import commands, queries
from intake.desk.visits.schemas import VisitIn, VisitOut
from intake.registry.access_log.dependencies import StatedReason
from intake.registry.encryption.dependencies import CurrentInstanceKey

router = APIRouter(tags=["visits"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.SOFTWARE_REGISTER)]
Reader = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.SOFTWARE_READ)]


@router.post("/people/{person_id}/visits", status_code=201)
async def record_visit(
    unit: Desk, instance_key: CurrentInstanceKey, person_id: UUID, body: VisitIn, response: Response
) -> VisitOut:
    """Record that a person came to a centre."""
    visit = created(await commands.record_visit(unit, instance_key, person_id, body), response)
    return queries.visit_out(visit, body.note)


@router.get("/people/{person_id}/visits/{visit_id}")
async def read_visit(
    unit: Reader,
    instance_key: CurrentInstanceKey,
    person_id: UUID,
    visit_id: UUID,
    reason: StatedReason = None,
) -> VisitOut:
    """Read a visit with its note."""
    return await queries.read_visit(unit, instance_key, person_id, visit_id, reason)
