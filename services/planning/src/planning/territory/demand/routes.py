"""HTTP of demand: for those who work on a plan, never as a public map."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import shared

from planning.participation.plans.models import Plan
from planning.territory.demand import queries
from planning.territory.demand.schemas import DemandLine, DemandOut
from planning.territory.units.models import Tiu

router = APIRouter(tags=["demand"])

Reader = Annotated[
    UnitOfWork, shared(Duty.PLANNER, Duty.FACILITATOR, Duty.AUTHORITY, Duty.MARKET_ANALYST, Duty.AUDITOR)
]


@router.get("/plans/{plan_id}/demand")
async def demand(unit: Reader, plan_id: UUID) -> DemandOut:
    """What people came for in the plan's unit and area, as intake published it; the latest period first."""
    plan = await unit.get(Plan, plan_id)
    lines = await queries.demand_in(unit, await unit.get(Tiu, plan.tiu_id))
    return DemandOut(lines=[DemandLine.model_validate(line) for line in lines])
