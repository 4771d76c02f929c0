"""The routes of ordinary and restricted needs."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.language.codes.need_categories import NeedCategory
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, created

from intake.desk.needs import commands, queries
from intake.desk.needs.models import Need
from intake.desk.needs.rules import NeedState, Severity
from intake.desk.needs.schemas import (
    NeedIn,
    NeedOfList,
    NeedOut,
    NeedStateIn,
    RestrictedNeedIn,
    RestrictedNeedOut,
)
from intake.registry.access_log.dependencies import StatedReason
from intake.registry.encryption.dependencies import CurrentInstanceKey

router = APIRouter(tags=["needs"])
_DESK = (Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)
AnyDesk = Annotated[UnitOfWork, agency(*_DESK, Duty.SOFTWARE_REGISTER)]
Reader = Annotated[UnitOfWork, agency(*_DESK, Duty.SOFTWARE_READ)]
ProtectionOfficer = Annotated[UnitOfWork, agency(Duty.PROTECTION_OFFICER)]


@router.get("/needs")
async def list_own_needs(
    unit: Reader,
    instance_key: CurrentInstanceKey,
    cursor: Annotated[Cursor, Depends()],
    state: NeedState | None = None,
    severity: Severity | None = None,
    category: NeedCategory | None = None,
) -> Page[NeedOfList]:
    """List the ordinary needs of the people to whom you are assigned, the newest first."""
    wanted = {Need.state: state, Need.severity: severity, Need.category: category}
    return await queries.list_own_needs(unit, instance_key, cursor, wanted)


@router.post("/people/{person_id}/needs", status_code=201)
async def record_need(
    unit: AnyDesk, person_id: UUID, body: NeedIn, response: Response, reason: StatedReason = None
) -> NeedOut:
    """Record an ordinary need; a restricted code is refused with 403."""
    need = await commands.record_need(unit, person_id, body, reason)
    return NeedOut.model_validate(created(need, response))


@router.get("/people/{person_id}/needs")
async def list_needs(unit: Reader, person_id: UUID, reason: StatedReason = None) -> list[NeedOut]:
    """List a person's ordinary needs, the oldest first."""
    return [NeedOut.model_validate(need) for need in await queries.list_needs(unit, person_id, reason)]


@router.get("/people/{person_id}/needs/{need_id}")
async def read_need(unit: Reader, person_id: UUID, need_id: UUID, reason: StatedReason = None) -> NeedOut:
    """Read an ordinary need."""
    return NeedOut.model_validate(await queries.read_need(unit, person_id, need_id, reason))


@router.post("/people/{person_id}/needs/{need_id}/state")
async def change_need_state(
    unit: AnyDesk,
    person_id: UUID,
    need_id: UUID,
    body: NeedStateIn,
    response: Response,
    reason: StatedReason = None,
) -> NeedOut:
    """Mark a need as met or closed."""
    need = await commands.change_need_state(unit, person_id, need_id, body.to, reason)
    return NeedOut.model_validate(created(need, response))


@router.post("/people/{person_id}/restricted-needs", status_code=201)
async def record_restricted_need(
    unit: ProtectionOfficer,
    instance_key: CurrentInstanceKey,
    person_id: UUID,
    body: RestrictedNeedIn,
    response: Response,
    reason: StatedReason = None,
) -> RestrictedNeedOut:
    """Record a restricted need, which the desk never asks about."""
    need = await commands.record_restricted_need(unit, instance_key, person_id, body, reason)
    need_id = created(need, response).id
    return await queries.read_restricted_need(unit, instance_key, person_id, need_id, reason)


@router.get("/people/{person_id}/restricted-needs")
async def list_restricted_needs(
    unit: ProtectionOfficer,
    instance_key: CurrentInstanceKey,
    person_id: UUID,
    reason: StatedReason = None,
) -> list[RestrictedNeedOut]:
    """List a person's restricted needs, the oldest first. The access is logged."""
    return await queries.list_restricted_needs(unit, instance_key, person_id, reason)


@router.get("/people/{person_id}/restricted-needs/{need_id}")
async def read_restricted_need(
    unit: ProtectionOfficer,
    instance_key: CurrentInstanceKey,
    person_id: UUID,
    need_id: UUID,
    reason: StatedReason = None,
) -> RestrictedNeedOut:
    """Read a restricted need. The access is logged."""
    return await queries.read_restricted_need(unit, instance_key, person_id, need_id, reason)
