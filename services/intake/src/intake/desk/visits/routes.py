from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency

from intake.desk.visits import commands
from intake.desk.visits.models import Visit
from intake.desk.visits.schemas import VisitIn, VisitOut
from intake.instance import Held
from intake.registry.encryption.models import seals_of
from intake.registry.people.models import part_of

router = APIRouter(tags=["visits"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER)]


@router.post("/people/{person_id}/visits", status_code=201)
async def record(unit: Desk, held: Held, person_id: UUID, body: VisitIn, response: Response) -> VisitOut:
    """Somebody came to a centre."""
    visit = await commands.record(unit, held, person_id, body)
    response.headers["Location"] = f"/people/{person_id}/visits/{visit.visit_id}"
    return visit


@router.get("/people/{person_id}/visits/{visit_id}")
async def read(unit: Desk, held: Held, person_id: UUID, visit_id: UUID) -> VisitOut:
    visit = await part_of(unit, Visit, person_id, visit_id)
    return visit.shown((await seals_of(unit, held, [person_id]))[person_id])
