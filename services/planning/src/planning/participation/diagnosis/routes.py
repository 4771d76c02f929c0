"""The HTTP interface of diagnoses, and of demand: for those who work on a plan, never as a public map."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.web import created

from planning.callers import Planner, Reader
from planning.participation.diagnosis import commands
from planning.participation.diagnosis.schemas import DemandLineOut, DemandOut, DiagnosisIn
from planning.participation.plans.models import Plan
from planning.participation.plans.schemas import PlanOut
from planning.territory.demand import queries as demand
from planning.territory.tius.models import Tiu

router = APIRouter(tags=["plans"])


@router.post("/plans/{plan_id}/diagnosis")
async def publish_diagnosis(unit: Planner, plan_id: UUID, body: DiagnosisIn, response: Response) -> PlanOut:
    """Publish the diagnosis: averages of the unit's cells with their sources, and a summary."""
    plan = await commands.publish_diagnosis(unit, plan_id, body)
    return PlanOut.model_validate(created(plan, response))


@router.get("/plans/{plan_id}/demand", tags=["demand"])
async def read_demand(unit: Reader, plan_id: UUID) -> DemandOut:
    """Read the demand in the plan's unit and area as intake published it, the latest period first."""
    plan = await unit.get(Plan, plan_id)
    lines = await demand.demand_in(unit, await unit.get(Tiu, plan.tiu_id))
    return DemandOut(lines=[DemandLineOut.model_validate(line) for line in lines])
