"""The routes of assignments."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency, created

from intake.registry.access_log.dependencies import StatedReason
from intake.registry.access_log.rules import AccessAction
from intake.registry.assignments import commands, queries
from intake.registry.assignments.models import get_assignment
from intake.registry.assignments.schemas import AssignmentIn, AssignmentOut
from intake.registry.encryption.dependencies import CurrentInstanceKey

router = APIRouter(tags=["assignments"])
Worker = Annotated[UnitOfWork, agency(Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)]
AnyDesk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)]


@router.post("/people/{person_id}/assignments", status_code=201)
async def assign_colleague(
    unit: Worker,
    instance_key: CurrentInstanceKey,
    person_id: UUID,
    body: AssignmentIn,
    response: Response,
    reason: StatedReason = None,
) -> AssignmentOut:
    """Assign a colleague to a person: they may then read the person's notes and needs, within their duties."""
    assignment = await commands.assign(unit, instance_key, person_id, body, reason)
    return AssignmentOut.model_validate(created(assignment, response))


@router.get("/people/{person_id}/assignments")
async def list_assignments(
    unit: AnyDesk, instance_key: CurrentInstanceKey, person_id: UUID
) -> list[AssignmentOut]:
    """List who works and worked with a person, the oldest assignment first."""
    found = await queries.list_assignments(unit, instance_key, person_id)
    return [AssignmentOut.model_validate(each) for each in found]


@router.get("/people/{person_id}/assignments/{assignment_id}")
async def read_assignment(unit: AnyDesk, person_id: UUID, assignment_id: UUID) -> AssignmentOut:
    """Read an assignment."""
    action = AccessAction.ASSIGNMENTS_READ
    return AssignmentOut.model_validate(await get_assignment(unit, person_id, assignment_id, action))


@router.post("/people/{person_id}/assignments/{assignment_id}/end")
async def end_assignment(
    unit: Worker, person_id: UUID, assignment_id: UUID, response: Response
) -> AssignmentOut:
    """End an assignment."""
    assignment = await commands.end_assignment(unit, person_id, assignment_id)
    return AssignmentOut.model_validate(created(assignment, response))
