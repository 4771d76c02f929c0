from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.language.codes.pathways import PathwayKind
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency

from intake.desk.procedures import commands, queries
from intake.desk.procedures.models import Procedure
from intake.desk.procedures.schemas import AdviceOut, Language, ProcedureIn, ProcedureOut, ProcedureStateIn
from intake.instance import Country, Held
from intake.registry.people.models import part_of

router = APIRouter(tags=["procedures"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)]


@router.get("/people/{person_id}/routes")
async def routes(
    unit: Desk,
    held: Held,
    country: Country,
    person_id: UUID,
    kind: PathwayKind | None = None,
    language: Language = "es",
) -> list[AdviceOut]:
    """Every route of the country for this person: deadline, warnings, whether legal aid comes first."""
    advice = await queries.advice_for(unit, held, country, person_id, unit.now)
    return [AdviceOut.of(each, language) for each in advice.values() if kind in (None, each.pathway.kind)]


@router.post("/people/{person_id}/procedures", status_code=201)
async def open_procedure(
    unit: Desk, held: Held, country: Country, person_id: UUID, body: ProcedureIn, response: Response
) -> ProcedureOut:
    """The person sets out on a route; a route with warnings only once they were talked over."""
    advice = await queries.advice_for(unit, held, country, person_id, unit.now)
    procedure = await commands.open_procedure(unit, person_id, queries.known_route(advice, body.route), body)
    response.headers["Location"] = f"/people/{person_id}/procedures/{procedure.id}"
    return ProcedureOut.model_validate(procedure)


@router.get("/people/{person_id}/procedures")
async def list_(unit: Desk, person_id: UUID) -> list[ProcedureOut]:
    return [ProcedureOut.model_validate(each) for each in await queries.procedures(unit, person_id)]


@router.get("/people/{person_id}/procedures/{procedure_id}")
async def read(unit: Desk, person_id: UUID, procedure_id: UUID) -> ProcedureOut:
    return ProcedureOut.model_validate(await part_of(unit, Procedure, person_id, procedure_id))


@router.post("/people/{person_id}/procedures/{procedure_id}/state")
async def move(
    unit: Desk, person_id: UUID, procedure_id: UUID, body: ProcedureStateIn, response: Response
) -> ProcedureOut:
    """Where the person stands on the route now."""
    procedure = await commands.move(unit, person_id, procedure_id, body.to)
    response.headers["Location"] = f"/people/{person_id}/procedures/{procedure_id}"
    return ProcedureOut.model_validate(procedure)
