"""The HTTP interface of plans."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from solidary.platform.web import Page, UpdatedCursor, created, page_of, runtime, where_given

from planning.callers import OwnPlanner, PlanSharer, Reader
from planning.participation.plans import commands, queries
from planning.participation.plans.models import Plan
from planning.participation.plans.rules import PlanState
from planning.participation.plans.schemas import PartnerIn, PlanIn, PlanOut

router = APIRouter(tags=["plans"])


@router.post("/plans", status_code=201)
async def open_plan(unit: OwnPlanner, body: PlanIn, request: Request, response: Response) -> PlanOut:
    """Open a plan for a Territorial Intervention Unit."""
    plan = await commands.open_plan(unit, body, runtime(request).settings.country.upper())
    return PlanOut.model_validate(created(plan, response))


@router.get("/plans")
async def list_plans(
    unit: Reader,
    cursor: Annotated[UpdatedCursor, Depends()],
    state: PlanState | None = None,
    tiu_id: UUID | None = None,
) -> Page[PlanOut]:
    """List your agency's plans and those that it works on, the newest first."""
    query = where_given(queries.list_plans(unit), {Plan.state: state, Plan.tiu_id: tiu_id})
    return await page_of(unit.session, query, cursor, PlanOut.model_validate, by=Plan)


@router.get("/plans/{plan_id}")
async def read_plan(unit: Reader, plan_id: UUID) -> PlanOut:
    """Read a plan."""
    return PlanOut.model_validate(await unit.get(Plan, plan_id))


@router.post("/plans/{plan_id}/partners")
async def add_partner(unit: PlanSharer, plan_id: UUID, body: PartnerIn, response: Response) -> PlanOut:
    """Let another agency work on the plan."""
    return PlanOut.model_validate(created(await commands.add_partner(unit, plan_id, body.agency), response))
