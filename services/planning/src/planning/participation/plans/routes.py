"""HTTP of plans, diagnoses and needs."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, page_of, public, runtime, shared

from planning.participation.plans import commands, queries
from planning.participation.plans.models import Plan
from planning.participation.plans.schemas import (
    DiagnosisIn,
    NeedIn,
    NeedOut,
    NeedsOut,
    PartnerIn,
    PlanIn,
    PlanOut,
    PublishedPlanOut,
    StepIn,
)
from planning.reading import PublicSession

router = APIRouter(tags=["plans"])

Owner = Annotated[UnitOfWork, agency(Duty.PLANNER)]
Planner = Annotated[UnitOfWork, shared(Duty.PLANNER)]
Facilitator = Annotated[UnitOfWork, shared(Duty.PLANNER, Duty.FACILITATOR)]
Reader = Annotated[
    UnitOfWork, shared(Duty.PLANNER, Duty.FACILITATOR, Duty.AUTHORITY, Duty.MARKET_ANALYST, Duty.AUDITOR)
]


@router.post("/plans", status_code=201)
async def open_(unit: Owner, body: PlanIn, request: Request, response: Response) -> PlanOut:
    """Open a plan for a unit of intervention."""
    plan = await commands.open_plan(unit, body, runtime(request).settings.country.upper())
    response.headers["Location"] = f"/plans/{plan.id}"
    return PlanOut.model_validate(plan)


@router.get("/plans")
async def list_(unit: Reader, cursor: Annotated[Cursor, Depends()]) -> Page[PlanOut]:
    """Your plans and those you work on, the newest first."""
    return await page_of(unit.session, queries.plans(unit), cursor, PlanOut.model_validate, by=Plan)


@router.get("/plans/{plan_id}")
async def read(unit: Reader, plan_id: UUID) -> PlanOut:
    """One plan."""
    return PlanOut.model_validate(await unit.get(Plan, plan_id))


@router.post("/plans/{plan_id}/partners")
async def add_partner(unit: Owner, plan_id: UUID, body: PartnerIn, response: Response) -> PlanOut:
    """Let another agency work on the plan."""
    response.headers["Location"] = f"/plans/{plan_id}"
    return PlanOut.model_validate(await commands.add_partner(unit, plan_id, body.agency))


@router.post("/plans/{plan_id}/diagnosis")
async def publish_diagnosis(unit: Planner, plan_id: UUID, body: DiagnosisIn, response: Response) -> PlanOut:
    """Publish the diagnosis: averages of the unit's cells with their sources, and a summary in words."""
    response.headers["Location"] = f"/plans/{plan_id}"
    return PlanOut.model_validate(await commands.publish_diagnosis(unit, plan_id, body))


@router.post("/plans/{plan_id}/needs", status_code=201)
async def record_need(unit: Facilitator, plan_id: UUID, body: NeedIn, response: Response) -> NeedsOut:
    """Record a need that a community raised; answers with all needs."""
    await commands.record_need(unit, plan_id, body)
    response.headers["Location"] = f"/plans/{plan_id}/needs"
    return await needs(unit, plan_id)


@router.get("/plans/{plan_id}/needs")
async def needs(unit: Reader, plan_id: UUID) -> NeedsOut:
    """The plan's needs, the most severe first."""
    return NeedsOut(needs=[NeedOut.model_validate(need) for need in await queries.needs(unit, plan_id)])


@router.post("/plans/{plan_id}/advance")
async def advance(unit: Planner, plan_id: UUID, body: StepIn, response: Response) -> PlanOut:
    """Go one step on; what is missing for it is said in the refusal."""
    response.headers["Location"] = f"/plans/{plan_id}"
    return PlanOut.model_validate(await commands.advance(unit, plan_id, body.to))


@router.get("/published/plans/{plan_id}")
@public
async def published(session: PublicSession, plan_id: UUID) -> PublishedPlanOut:
    """What everybody may know of a plan: its diagnosis, its actions with cost or reason, its act."""
    return PublishedPlanOut.model_validate(await queries.published(session, plan_id))
