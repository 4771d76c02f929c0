"""The routes of pathways and procedures."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.language.codes.pathways import PathwayKind
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import CurrentCountry, Cursor, Page, agency, created

from intake.desk.procedures import commands, queries
from intake.desk.procedures.advice import advice_by_pathway
from intake.desk.procedures.models import Procedure
from intake.desk.procedures.rules import ProcedureState
from intake.desk.procedures.schemas import (
    AdviceLanguage,
    PathwayAdviceOut,
    ProcedureIn,
    ProcedureOfList,
    ProcedureOut,
    ProcedureStateIn,
)
from intake.registry.access_log.rules import AccessAction
from intake.registry.encryption.dependencies import CurrentInstanceKey
from intake.registry.people.queries import get_part

router = APIRouter(tags=["procedures"])
AnyDesk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)]


@router.get("/procedures")
async def list_own_procedures(
    unit: AnyDesk,
    instance_key: CurrentInstanceKey,
    cursor: Annotated[Cursor, Depends()],
    state: ProcedureState | None = None,
) -> Page[ProcedureOfList]:
    """List the procedures of the people to whom you are assigned, the newest first."""
    return await queries.list_own_procedures(unit, instance_key, cursor, state)


@router.get("/people/{person_id}/pathways")
async def list_pathways(
    unit: AnyDesk,
    instance_key: CurrentInstanceKey,
    country: CurrentCountry,
    person_id: UUID,
    kind: PathwayKind | None = None,
    language: AdviceLanguage = "es",
) -> list[PathwayAdviceOut]:
    """List the country's pathways for a person, with deadlines, warnings, and whether legal aid comes first."""
    advice = await advice_by_pathway(unit, instance_key, country, person_id, unit.now)
    return [
        PathwayAdviceOut.of(each, language) for each in advice.values() if kind in (None, each.pathway.kind)
    ]


@router.post("/people/{person_id}/procedures", status_code=201)
async def open_procedure(
    unit: AnyDesk,
    instance_key: CurrentInstanceKey,
    country: CurrentCountry,
    person_id: UUID,
    body: ProcedureIn,
    response: Response,
) -> ProcedureOut:
    """Open a procedure; a pathway with warnings only after they were discussed."""
    procedure = await commands.open_procedure(unit, instance_key, country, person_id, body)
    return ProcedureOut.model_validate(created(procedure, response))


@router.get("/people/{person_id}/procedures")
async def list_procedures(unit: AnyDesk, person_id: UUID) -> list[ProcedureOut]:
    """List a person's procedures, the oldest first."""
    return [ProcedureOut.model_validate(each) for each in await queries.list_procedures(unit, person_id)]


@router.get("/people/{person_id}/procedures/{procedure_id}")
async def read_procedure(unit: AnyDesk, person_id: UUID, procedure_id: UUID) -> ProcedureOut:
    """Read a procedure."""
    action = AccessAction.PROCEDURES_READ
    return ProcedureOut.model_validate(await get_part(unit, Procedure, person_id, procedure_id, action))


@router.post("/people/{person_id}/procedures/{procedure_id}/state")
async def change_procedure_state(
    unit: AnyDesk, person_id: UUID, procedure_id: UUID, body: ProcedureStateIn, response: Response
) -> ProcedureOut:
    """Record the next state of a procedure."""
    procedure = await commands.change_procedure_state(unit, person_id, procedure_id, body.to)
    return ProcedureOut.model_validate(created(procedure, response))
