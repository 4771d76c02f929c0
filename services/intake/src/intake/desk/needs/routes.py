from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency

from intake.desk.needs import commands, queries
from intake.desk.needs.schemas import NeedIn, NeedOut, NeedStateIn, RestrictedNeedIn, RestrictedNeedOut
from intake.instance import Held
from intake.registry.access_log.models import log_access

router = APIRouter(tags=["needs"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)]
Specialist = Annotated[UnitOfWork, agency(Duty.PROTECTION_OFFICER)]


@router.post("/people/{person_id}/needs", status_code=201)
async def record(unit: Desk, person_id: UUID, body: NeedIn, response: Response) -> NeedOut:
    """Records an ordinary need; a restricted code is refused with 403."""
    need = await commands.add(unit, person_id, body)
    await unit.flush()
    response.headers["Location"] = f"/people/{person_id}/needs/{need.id}"
    return NeedOut.model_validate(need)


@router.get("/people/{person_id}/needs")
async def list_(unit: Desk, person_id: UUID) -> list[NeedOut]:
    """The person's ordinary needs."""
    return [NeedOut.model_validate(need) for need in await queries.needs(unit, person_id)]


@router.get("/people/{person_id}/needs/{need_id}")
async def read(unit: Desk, person_id: UUID, need_id: UUID) -> NeedOut:
    return NeedOut.model_validate(await queries.need(unit, person_id, need_id))


@router.post("/people/{person_id}/needs/{need_id}/state")
async def close(unit: Desk, person_id: UUID, need_id: UUID, body: NeedStateIn, response: Response) -> NeedOut:
    """The need was met, or is no longer one."""
    need = await commands.close(unit, person_id, need_id, body.to)
    response.headers["Location"] = f"/people/{person_id}/needs/{need_id}"
    return NeedOut.model_validate(need)


@router.post("/people/{person_id}/restricted-needs", status_code=201)
async def record_restricted(
    unit: Specialist, held: Held, person_id: UUID, body: RestrictedNeedIn, response: Response
) -> RestrictedNeedOut:
    """A specialist records what the desk never asks for."""
    need = await commands.record_restricted(unit, held, person_id, body)
    await unit.flush()
    response.headers["Location"] = f"/people/{person_id}/restricted-needs/{need.id}"
    return await queries.restricted_need(unit, held, person_id, need.id)


@router.get("/people/{person_id}/restricted-needs")
async def list_restricted(unit: Specialist, held: Held, person_id: UUID) -> list[RestrictedNeedOut]:
    """What specialists recorded; each reading is logged."""
    log_access(unit, person_id, "restricted_needs_read")
    return await queries.restricted_needs(unit, held, person_id)


@router.get("/people/{person_id}/restricted-needs/{need_id}")
async def read_restricted(unit: Specialist, held: Held, person_id: UUID, need_id: UUID) -> RestrictedNeedOut:
    log_access(unit, person_id, "restricted_needs_read", reference=need_id)
    return await queries.restricted_need(unit, held, person_id, need_id)
